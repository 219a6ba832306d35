// The cgroups of a host that checks play on: groups of its own in every tree, and in it they are the roots. So a program
// still being written finds no group of the real host's, and what it forgets to limit has a limit all the same.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { boxName, isAlive } from "../lib/boxes.ts";
import { isLocked, lockedFile } from "../lib/lock.ts";
import { flock, perform } from "../native/index.ts";
import { handDown } from "../steps/05-cgroups/cgroup.ts";
import { groupsBelow, removeGroups, type Tree, trees } from "./cgroups.ts";

export interface MachineGroups {
  /** Each tree's group: its directory here. */
  directories: string[];
  /** Shell commands for who is to unshare the cgroup namespace: joins the groups that will be its roots. */
  found: string;
  /** Shell commands, in the new namespaces: mount the trees anew, and so from those roots on. */
  mount: string;
  /** Shell commands for who comes in. In version 2 only the leaves have processes. */
  join: string;
  /** Moves the founders to where those who come in are. */
  settle: (pids: number[]) => void;
  /** Who is frozen by version 1 cannot even die. */
  thaw: () => void;
  remove: () => Promise<void>;
}

const TOP = "/sys/fs/cgroup";
const LIMITS = { "memory.max": "1G", "memory.limit_in_bytes": "1G", "pids.max": "1000" };
let made = 0;

/** Groups for one more host, ours until they are removed or we die. What checks that were killed have left goes first. */
export const makeGroups = async (): Promise<MachineGroups> => {
  const all = trees();
  if (made === 0) await sweepCheckGroups();
  made += 1;
  const own = all.map(({ point }) => `${point}/check-${boxName()}-${made}`);
  const locks = all.map((tree, i) => makeGroup(tree, own[i]!));
  const leaves = own.map((directory, i) => (all[i]!.version === 2 ? `${directory}/host` : directory));
  const into = (directories: string[]) =>
    directories.map((each) => `echo 0 >'${each}/cgroup.procs'`).join("; ") || ":";
  return {
    directories: own,
    found: into(own),
    mount: mountCommands(all),
    join: into(leaves),
    settle: (pids) => {
      for (const pid of pids) for (const leaf of leaves) writeFileSync(`${leaf}/cgroup.procs`, `${pid}`);
    },
    thaw: () => {
      for (const directory of own)
        for (const path of ["", ...groupsBelow(directory)]) {
          const file = join(directory, path, "freezer.state");
          if (existsSync(file)) writeFileSync(file, "THAWED");
        }
    },
    remove: async () => {
      for (const directory of own) await removeGroups(directory);
      for (const fd of locks) closeSync(fd);
    },
  };
};

/** The groups of checks that were killed, in every tree. In another pid namespace a name tells nothing: a lock does. */
export const deadCheckGroups = (): string[] =>
  trees().flatMap(({ point }) =>
    readdirSync(point).flatMap((name) => {
      const [, owner] = /^check-(\d+-\d+)-\d+$/.exec(name) ?? [];
      return owner && !isAlive(owner) && !isLocked(join(point, name)) ? [join(point, name)] : [];
    }),
  );

/** Removes them, with all groups below; not those of processes that cannot die. */
export const sweepCheckGroups = async () => {
  for (const directory of deadCheckGroups()) await removeGroups(directory).catch(() => {});
};

/** Returns the descriptor that holds its lock. */
const makeGroup = ({ version, point }: Tree, directory: string) => {
  if (version === 2) tryToHandDown(point);
  mkdirSync(directory);
  const fd = openSync(directory, "r");
  perform(flock(fd, true));
  if (version === 2) mkdirSync(`${directory}/host`);
  // In version 1 a new group has no CPU and no memory node.
  for (const file of ["cpuset.cpus", "cpuset.mems"])
    if (version === 1 && existsSync(`${point}/${file}`))
      writeFileSync(`${directory}/${file}`, readFileSync(`${point}/${file}`));
  for (const [file, limit] of Object.entries(LIMITS))
    if (existsSync(`${directory}/${file}`)) writeFileSync(`${directory}/${file}`, limit);
  return fd;
};

/** Lets groups below have the controllers there are. Where others' processes are in the way, there are none to have. */
const tryToHandDown = (point: string) => {
  try {
    lockedFile(`${point}/cgroup.procs`, () => handDown(point));
  } catch {}
};

const mountCommands = (all: Tree[]) => {
  if (all.length === 0) return ":";
  const mount = ({ version, point, controllers }: Tree) => {
    const named = controllers.startsWith("name=") ? `none,${controllers}` : controllers;
    return `mount -t ${version === 2 ? "cgroup2" : `cgroup -o ${named}`} cgroup '${point}'`;
  };
  const below = all.filter(({ point }) => point !== TOP);
  const links = readdirSync(TOP, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  return [
    `umount -R ${TOP}`,
    ...(below.length > 0 ? [`mount -t tmpfs -o mode=755 cgroup ${TOP}`] : []),
    ...below.map(({ point }) => `mkdir -p '${point}'`),
    ...links.map(({ name }) => `ln -s '${readlinkSync(join(TOP, name))}' '${TOP}/${name}'`),
    ...all.map(mount),
  ].join(" && ");
};
