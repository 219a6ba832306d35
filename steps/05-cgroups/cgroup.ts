// What step 5 adds: a control group of the box's own.
//
// A cgroup is a directory, a limit is a file in it, and a process is a member once its pid is in cgroup.procs. In
// version 2 one tree has all controllers; in version 1 each has a tree of its own; a hybrid host has some of both.
// So a box gets a directory in every tree there is, and a controller is where its files are.
import { constants, existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import {
  type Cgroup,
  cgroupOfBox,
  find,
  type Hierarchy,
  makeGroup,
  members,
  put,
  removeCgroup,
  sweepCgroups,
  unless,
} from "../../lib/cgroups.ts";
import { lockedFile } from "../../lib/lock.ts";
import { atExit, UsageError } from "../../lib/report.ts";
import {
  type Child,
  CLONE_NEWCGROUP,
  clone,
  close,
  MS_BIND,
  MS_RDONLY,
  MS_REMOUNT,
  mkdir,
  mount,
  open,
  perform,
  type Recipe,
  unshare,
} from "../../native/index.ts";
import { HARMLESS } from "../04-mnt-chroot/system.ts";

// #region create
/**
 * Makes the box's group. It is frozen while we are stopped, and goes when we do; what others who were killed have left
 * goes first. @throws {SystemError} as the kernel says, {UsageError} where there are no cgroups
 */
export function createCgroup(): Cgroup {
  sweepCgroups();
  const cgroup = cgroupOfBox();
  if (cgroup.length === 0)
    throw new UsageError("no cgroups are mounted here: mount -t cgroup2 cgroup2 /sys/fs/cgroup");
  atExit(() => removeCgroup(cgroup));
  process.prependListener("SIGTSTP", () => freeze(cgroup, true)); // step 3's listener stops us
  process.on("SIGCONT", () => freeze(cgroup, false));
  for (const { version, root, controllers, directory } of cgroup) {
    if (version === 2) lockedFile(`${root}/cgroup.procs`, () => handDown(root));
    makeGroup(directory);
    // In version 1 a new group may use no CPU and no memory node at all, and can so have no process.
    if (controllers.split(",").includes("cpuset"))
      for (const file of ["cpuset.cpus", "cpuset.mems"]) put(`${directory}/${file}`, read(`${root}/${file}`));
  }
  return cgroup;
}
// #endregion

// #region handdown
/** In version 2 a group has the controllers that its parent's cgroup.subtree_control names. */
export function handDown(parent: string): void {
  const words = (file: string) => read(`${parent}/${file}`).split(" ");
  const handed = words("cgroup.subtree_control");
  const wanted = ["cpuset", "cpu", "io", "memory", "pids"].filter((each) => !handed.includes(each));
  const missing = wanted.filter((each) => words("cgroup.controllers").includes(each));
  if (missing.length > 0 && members(parent).includes(process.pid) && !isRoot(parent)) makeRoom(parent);
  for (const controller of missing) put(`${parent}/cgroup.subtree_control`, `+${controller}`);
}

/** In a container, what looks like the root is none. cgroup.type exists in all groups but the root. */
const isRoot = (directory: string): boolean => !existsSync(`${directory}/cgroup.type`);

/**
 * No group but the root may have processes and hand memory down: EBUSY. It may hand cpu down, and then no process can
 * go below: EOPNOTSUPP. So we and all others in it move one level down first, as Docker's docker-in-docker does.
 */
function makeRoom(parent: string): void {
  const below = `${parent}/launchers`;
  unless(["EEXIST"], () => perform(mkdir(below, 0o755)));
  for (const pid of members(parent)) unless(["ESRCH"], () => put(`${below}/cgroup.procs`, pid));
}
// #endregion

// #region join
/**
 * Clones a child that is in the group before it does anything: in version 2 it is born there (CLONE_INTO_CGROUP); in
 * version 1 it must begin with `waitForParent()`, and is put there now. It goes on when the caller says `resume()`.
 */
export function cloneInto(cgroup: Cgroup, flags: number, recipe: Recipe): Child {
  const unified = cgroup.find(({ version }) => version === 2);
  const fd = unified && perform(open(unified.directory, constants.O_DIRECTORY));
  const child = clone(flags, recipe, fd === undefined ? {} : { cgroup: fd });
  if (fd !== undefined) perform(close(fd));
  // Such a write waits for all CPUs, some 10 ms. Back to back, the trees share one wait.
  for (const { version, directory } of cgroup) if (version === 1) put(`${directory}/cgroup.procs`, child.pid);
  return child;
}
// #endregion

// #region inside
/** Recipe: a cgroup namespace, whose root is the group we are in, and a view of it in /sys/fs/cgroup, to be read only. */
export function cgroupNamespace(cgroup: Cgroup, { privileged }: { privileged: boolean }): Recipe {
  const top = "/sys/fs/cgroup";
  const flags = HARMLESS | (privileged ? 0 : MS_RDONLY);
  const show = ({ version, controllers }: Hierarchy, target: string) =>
    version === 2
      ? mount("cgroup2", target, "cgroup2", flags)
      : mount("cgroup", target, "cgroup", flags, controllers);
  if (cgroup.length === 1) return [unshare(CLONE_NEWCGROUP), show(cgroup[0]!, top)];
  return [
    unshare(CLONE_NEWCGROUP),
    mount("tmpfs", top, "tmpfs", HARMLESS, "mode=755,size=64k"),
    ...cgroup.flatMap((tree) => {
      const target = `${top}/${basename(tree.root)}`;
      return [mkdir(target, 0o755), show(tree, target)];
    }),
    mount(null, top, null, MS_REMOUNT | MS_BIND | MS_RDONLY | HARMLESS),
  ];
}
// #endregion

// #region pause
/** Ctrl-Z stops the launcher. A signal would stop one process of the box; the freezer holds them all. */
function freeze(cgroup: Cgroup, frozen: boolean): void {
  const file = find(cgroup, "cgroup.freeze"); // version 2 has it without any controller
  const old = find(cgroup, "freezer.state");
  if (file) put(file, Number(frozen));
  else if (old) put(old, frozen ? "FROZEN" : "THAWED");
}
// #endregion

const read = (file: string): string => readFileSync(file, "latin1").trim();
