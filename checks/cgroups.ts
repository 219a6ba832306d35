// The cgroups of this host, and those of a process, as the kernel tells: cgroups(7).
import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join, relative } from "node:path";
import { type Mount, mounts } from "./proc.ts";

/** A tree of groups: where it is mounted, and what /proc/PID/cgroup calls its controllers (version 2: nothing). */
export interface Tree {
  version: 1 | 2;
  point: string;
  /** The group that is seen as its root here. */
  root: string;
  controllers: string;
}

/** Controllers and path of each line of /proc/PID/cgroup. */
const memberships = (pid: number | "self") =>
  [...readFileSync(`/proc/${pid}/cgroup`, "utf8").matchAll(/^\d+:(.*?):(.*)$/gm)].map(
    ([, controllers, path]) => ({ controllers: controllers!, path: path! }),
  );

/** The trees mounted here. */
export const trees = (): Tree[] => {
  const all = mounts(process.pid);
  return memberships("self").flatMap(({ controllers }) => {
    const mount = all.findLast((each) => carries(each, controllers));
    const { point, root } = mount ?? {};
    return mount ? [{ version: controllers ? 1 : 2, point, root, controllers } as Tree] : [];
  });
};

const carries = ({ type, options }: Mount, controllers: string) =>
  controllers === ""
    ? type === "cgroup2"
    : type === "cgroup" && controllers.split(",").every((each) => options.includes(each));

export interface Group {
  controllers: string;
  /** Its path, as the root of all groups here sees it. */
  path: string;
  /** Its directory here. */
  directory: string;
}

/** The groups a process is in, one for each tree. */
export const groupsOf = (pid: number): Group[] => {
  const found = trees();
  return memberships(pid).flatMap(({ controllers, path }) => {
    const tree = found.find((each) => each.controllers === controllers);
    return tree ? [{ controllers, path, directory: join(tree.point, relative(tree.root, path)) }] : [];
  });
};

/** What the first of `files` says that a group of the process has, without the line's end; undefined if none has one. */
export const groupFile = (pid: number, ...files: string[]) => {
  const paths = groupsOf(pid).flatMap(({ directory }) => files.map((file) => `${directory}/${file}`));
  const path = paths.find((each) => existsSync(each));
  return path === undefined ? undefined : readFileSync(path, "utf8").trim();
};

/** CPU time that the process's group has used, in seconds. */
export const cpuTime = (pid: number) => {
  const micro = /^usage_usec (\d+)/m.exec(groupFile(pid, "cpu.stat") ?? "")?.[1];
  return micro ? Number(micro) / 1e6 : Number(groupFile(pid, "cpuacct.usage")) / 1e9;
};

/** All groups below a directory, by their paths from there, the deepest first. */
export const groupsBelow = (directory: string, path = ""): string[] =>
  readdirSync(join(directory, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [...groupsBelow(directory, join(path, name)), join(path, name)]);

/** Removes a group and those below it. Who was in it must have gone; the kernel may need a moment to see that. */
export const removeGroups = async (directory: string) => {
  for (const path of [...groupsBelow(directory), ""]) await removeGroup(join(directory, path));
};

const removeGroup = async (directory: string, patience = 100): Promise<void> => {
  try {
    rmdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // somebody else has swept
    if (patience === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await removeGroup(directory, patience - 1);
  }
};

/** Why a check cannot be made here: no tree has that controller, by the name it has in version 2. */
export const needsController = (name: string) => () => {
  const old = name === "io" ? "blkio" : name;
  const found = trees().some(({ version, point, controllers }) =>
    version === 2
      ? readFileSync(`${point}/cgroup.controllers`, "utf8").split(/\s/).includes(name)
      : controllers.split(",").includes(old),
  );
  return found ? undefined : `this kernel has no cgroup controller ${name} to give away`;
};
