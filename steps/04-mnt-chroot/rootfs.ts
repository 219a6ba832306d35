// What step 4 adds: a root of its own, by chroot and by pivot_root, and what of the host is let in.
import { statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { flag, list, text } from "../../lib/cli.ts";
import { defaultRootfs } from "../../lib/paths.ts";
import { UsageError } from "../../lib/report.ts";
import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  chdir,
  chroot,
  MNT_DETACH,
  MOUNT_ATTR_RDONLY,
  MS_BIND,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  mkdir,
  mount,
  mountSetattr,
  moveMount,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  openTree,
  pivotRoot,
  type Recipe,
  tolerate,
  touch,
  umount2,
} from "../../native/index.ts";

export const rootfsOptions = {
  rootfs: text("DIR", `directory that becomes the root (default: ${defaultRootfs})`, () => defaultRootfs),
  chroot: flag("use chroot, which root can leave again, instead of pivot_root"),
  volume: list("SRC:DST[:ro]", "shows the host's SRC as DST in the box", parseVolume),
  readOnly: flag("the root file system cannot be written to"),
};

// #region pivot
/** Recipe: `root` becomes the root by pivot_root(2), and the host's is let go. */
export const pivotInto = (root: string): Recipe => [
  // systemd mounts / shared: mounts made here would appear on the host, and pivot_root says EINVAL.
  mount(null, "/", null, MS_REC | MS_PRIVATE),
  // pivot_root wants a mount point. A directory bound onto itself is one.
  mount(root, root, null, MS_BIND | MS_REC),
  chdir(root),
  // Both roots stacked on one directory: no place to invent for the old one …
  pivotRoot(".", "."),
  // … which goes, with everything the host had mounted below it.
  umount2(".", MNT_DETACH),
  chdir("/"),
];
// #endregion

// #region chroot
/** Recipe: absolute paths start at `root`. The host's tree is still mounted around it, and escape.c walks out. */
export const chrootInto = (root: string): Recipe => [
  mount(null, "/", null, MS_REC | MS_PRIVATE),
  mount(root, root, null, MS_BIND | MS_REC),
  chdir(root),
  chroot("."),
  chdir("/"),
];
// #endregion

// #region volumes
export type Volume = { source: string; target: string; readOnly: boolean };

/**
 * Recipes: `take` the volumes while the host can still be seen, `hang` them when it can't be any more. A symbolic
 * link in the image can lead `target` astray then, but never out of the box.
 */
export function volumes(all: Volume[]): { take: Recipe; hang: Recipe } {
  const trees = all.map(({ source }) => openTree(source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
  const locks = all.flatMap(({ readOnly }, i) =>
    readOnly ? [mountSetattr(trees[i]!, AT_EMPTY_PATH | AT_RECURSIVE, MOUNT_ATTR_RDONLY)] : [],
  );
  const hang = all.flatMap(({ source, target }, i) => [
    ...mountPoint(source, target),
    moveMount(trees[i]!, target),
  ]);
  // Else they stay peers of the host's mounts: what is mounted in one of them, on either side, is so on both.
  const alone = all.length > 0 ? [mount(null, "/", null, MS_REC | MS_PRIVATE)] : [];
  return { take: [...alone, ...trees, ...locks], hang };
}
// #endregion

// #region mountpoint
/** A directory for a directory, an empty file for anything else, and the directories that lead there. */
function mountPoint(source: string, target: string): Recipe {
  const parts = target.split("/").filter(Boolean);
  const paths = parts.map((_, i) => `/${parts.slice(0, i + 1).join("/")}`);
  const last = paths.pop()!;
  return [...paths.map((path) => mkdir(path, 0o755)), makeLike(source, last)].map((call) =>
    tolerate(["EEXIST"], call),
  );
}

const makeLike = (source: string, path: string) =>
  statSync(source).isDirectory() ? mkdir(path, 0o755) : touch(path, 0o644);

function parseVolume(given: string): Volume {
  const [source = "", target = "", mode = "rw", ...more] = given.split(":");
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  if (
    source === "" ||
    !isAbsolute(target) ||
    parts.length === 0 ||
    parts.includes("..") ||
    !["ro", "rw"].includes(mode) ||
    more.length
  )
    throw new UsageError(`--volume: expected SRC:DST or SRC:DST:ro with an absolute DST, got '${given}'`);
  if (!statSync(source, { throwIfNoEntry: false }))
    throw new UsageError(`--volume: nothing at '${source}' on the host`);
  return { source: resolve(source), target: `/${parts.join("/")}`, readOnly: mode === "ro" };
}
// #endregion

// #region readonly
/** Recipe: the root can no longer be written to. What is mounted below it still can. */
export const readOnlyRoot = (): Recipe => [mount(null, "/", null, MS_REMOUNT | MS_BIND | MS_RDONLY)];
// #endregion

/** The root as an absolute path. @throws {UsageError} if there is none */
export function findRootfs(given: string): string {
  if (!statSync(given, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(
      `no root file system at ${given}: npm run rootfs makes one, --rootfs DIR names another`,
    );
  return resolve(given);
}
