// The trees of cgroups on this host, and the groups that boxes have there: finding, writing, sweeping up.
import { constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { close, flock, mkdir, open, perform, rmdir, type SystemError, write } from "../native/index.ts";
import { boxName, isAlive, isBoxName } from "./boxes.ts";

// #region detect
/** A tree of cgroups: where its root is, and its controllers as /proc/self/cgroup names them (none in version 2). */
export type Hierarchy = { version: 1 | 2; root: string; controllers: string };

/** The trees that are mounted here: cgroups(7), proc_pid_mountinfo(5). */
export function hierarchies(): Hierarchy[] {
  const mounts = [
    ...read("/proc/self/mountinfo").matchAll(/^(?:\S+ ){4}(\S+) .* - (cgroup2?) \S+ (\S+)$/gm),
  ].map(([, root, type, options]) => ({ root: root!, type, options: options!.split(",") }));

  return [...read("/proc/self/cgroup").matchAll(/^\d+:(.*?):/gm)].flatMap(([, controllers]) => {
    const version = controllers === "" ? 2 : 1;
    const found = mounts.findLast(({ type, options }) =>
      version === 2
        ? type === "cgroup2"
        : type === "cgroup" && controllers!.split(",").every((each) => options.includes(each)),
    );
    const usable = found && existsSync(`${found.root}/cgroup.procs`);
    return usable ? [{ version, root: found.root, controllers: controllers! }] : [];
  });
}
// #endregion

/** The group of one box: its directory in each tree. */
export type Cgroup = (Hierarchy & { directory: string })[];

const PREFIX = "box-";
const isOurs = (name: string): boolean => name.startsWith(PREFIX) && isBoxName(name.slice(PREFIX.length));

/** What this launcher's box is to be called. */
export const cgroupOfBox = (): Cgroup =>
  hierarchies().map((tree) => ({ ...tree, directory: `${tree.root}/${PREFIX}${boxName()}` }));

/** Where in the group `file` is, if this kernel has it. */
export const find = (cgroup: Cgroup, file: string): string | undefined =>
  cgroup.map(({ directory }) => `${directory}/${file}`).find((path) => existsSync(path));

/** Writes to a file of a cgroup. @throws {SystemError} naming it */
export function put(file: string, text: string | number): void {
  const fd = perform(open(file, constants.O_WRONLY));
  try {
    perform({ ...write(fd, Buffer.from(String(text))), path: file });
  } finally {
    perform(close(fd));
  }
}

/** The processes in a group; those of a pid namespace that we cannot see read 0. */
export const members = (directory: string): number[] =>
  read(`${directory}/cgroup.procs`).split("\n").map(Number).filter(Boolean);

const PATIENCE = 1000; // ms until the kernel has let go of processes just killed

/** Kills who is left in the group, and removes it. */
export function removeCgroup(cgroup: Cgroup): void {
  const directories = cgroup.map(({ directory }) => directory);
  killMembers(directories);
  const deadline = Date.now() + PATIENCE;
  for (const directory of directories) removeDirectory(directory, deadline);
}

function killMembers(directories: string[]): void {
  const pids = directories.flatMap((each) => (existsSync(each) ? members(each) : []));
  for (const pid of new Set(pids)) unless(["ESRCH"], () => process.kill(pid, "SIGKILL"));
}

/**
 * Makes a group that is ours while we live: the lock tells it to whoever sweeps in another pid namespace, where our
 * pid means nothing. If they came before the lock, it starts again.
 */
export function makeGroup(directory: string): void {
  const lock = () => perform(flock(perform(open(directory, constants.O_DIRECTORY)), true));
  do perform(mkdir(directory, 0o755));
  while (!unless(["ENOENT"], lock) || !existsSync(directory));
}

/** The groups of boxes, dead or alive. */
export const boxGroups = (): string[] =>
  hierarchies().flatMap(({ root }) =>
    readdirSync(root)
      .filter(isOurs)
      .map((name) => `${root}/${name}`),
  );

/** Does `action` with the groups of launchers that are no more, which are nobody else's meanwhile. */
export function withDeadGroups(action: (dead: string[]) => void): void {
  const locks: number[] = [];
  const lock = (directory: string) => {
    locks.push(perform(open(directory, constants.O_DIRECTORY)));
    perform(flock(locks.at(-1)!, false));
  };
  const isDead = (path: string) => !isAlive(basename(path).slice(PREFIX.length));
  action(boxGroups().filter((path) => isDead(path) && unless(["ENOENT", "EAGAIN"], () => lock(path))));
  for (const fd of locks) perform(close(fd));
}

/**
 * Removes the groups of launchers that are no more. A box dies with its launcher, unless its pid 1 has become another
 * user, which undoes PR_SET_PDEATHSIG: who is left is killed.
 */
export const sweepCgroups = (): void =>
  withDeadGroups((dead) => {
    // Who is frozen by version 1 cannot even die.
    for (const freezer of dead.map((each) => `${each}/freezer.state`).filter((path) => existsSync(path)))
      unless(["ENOENT", "ENODEV"], () => put(freezer, "THAWED"));
    killMembers(dead);
    const deadline = Date.now() + PATIENCE;
    for (const directory of dead) removeDirectory(directory, deadline);
  });

/** The files in a group are no obstacle to rmdir(2), but groups below it and processes that still die are. */
function removeDirectory(directory: string, deadline: number): void {
  unless(["ENOENT"], () => {
    for (const entry of readdirSync(directory, { withFileTypes: true }))
      if (entry.isDirectory()) removeDirectory(`${directory}/${entry.name}`, deadline);
    const gone = () => unless(["EBUSY"], () => perform(rmdir(directory)));
    while (!gone() && Date.now() < deadline) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  });
}

/** Whether `act` went well; false after an error of one of those codes. */
export function unless(codes: string[], act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (codes.includes((error as SystemError).code!)) return false;
    throw error;
  }
}

const read = (file: string): string => readFileSync(file, "latin1");

/** Why no file of a controller is there: /proc/cgroups lists those the kernel has, as version 1 calls them. */
export function whyMissing(controller: string): string {
  const [, enabled] = new RegExp(`^${controller}\\s.*(\\d)$`, "m").exec(read("/proc/cgroups")) ?? [];
  if (enabled === undefined) return "this kernel was built without it";
  if (enabled === "0") return "the kernel's command line disables it";
  return "it is not mounted, not handed down, or cannot do that";
}
