// Mounts and roots, as data. The arguments are the man pages', and so is their order.
import { type Call, call, type Descriptor, descriptor, flagNames, quote } from "./call.ts";
import {
  AT_FDCWD,
  mountAttributes,
  mountFlags,
  moveMountFlags,
  treeFlags,
  umountFlags,
} from "./constants.ts";

/** mount(2): attaches a file system to `target`, or changes the mount that is there. */
export const mount = (
  source: string | null,
  target: string,
  type: string | null,
  flags: number,
  data: string | null = null,
): Call =>
  call(
    "mount",
    [source, target, type, flags, data],
    [quote(source), quote(target), quote(type), flagNames(flags, mountFlags), quote(data)],
    source ?? target,
    source === null ? undefined : target,
  );

/** umount(2): detaches the topmost mount at `target`. */
export const umount2 = (target: string, flags: number): Call =>
  call("umount2", [target, flags], [quote(target), flagNames(flags, umountFlags)], target);

/** pivot_root(2): `newRoot`, a mount point, becomes the root of this mount namespace; the old one goes to `putOld`. */
export const pivotRoot = (newRoot: string, putOld: string): Call =>
  call("pivot_root", [newRoot, putOld], [quote(newRoot), quote(putOld)], newRoot, putOld);

/** chroot(2): absolute paths of this process start at `path` from now on. */
export const chroot = (path: string): Call => call("chroot", [path], [quote(path)], path);

/** open_tree(2): a descriptor of the mount at `path`; with OPEN_TREE_CLONE, of a copy that hangs nowhere yet. */
export const openTree = (path: string, flags: number): Call =>
  call("open_tree", [AT_FDCWD, path, flags], ["AT_FDCWD", quote(path), flagNames(flags, treeFlags)], path);

/** move_mount(2): hangs the mount held by `tree` at `target`. */
export const moveMount = (tree: Call, target: string): Call =>
  call(
    "move_mount",
    [tree, "", AT_FDCWD, target, moveMountFlags.MOVE_MOUNT_F_EMPTY_PATH],
    [
      tree,
      quote(""),
      "AT_FDCWD",
      quote(target),
      flagNames(moveMountFlags.MOVE_MOUNT_F_EMPTY_PATH, moveMountFlags),
    ],
    tree.path,
    target,
  );

/** mount_setattr(2): sets `attributes` on the mount held by `tree`, with AT_RECURSIVE on all below it too. */
export function mountSetattr(tree: Descriptor, flags: number, attributes: number): Call {
  const attr = new Uint8Array(new BigUint64Array([BigInt(attributes), 0n, 0n, 0n]).buffer);
  const attrText = `{attr_set=${flagNames(attributes, mountAttributes)}, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}`;
  return call(
    "mount_setattr",
    [tree, "", flags, attr, attr.length],
    [descriptor(tree), quote(""), flagNames(flags, treeFlags), attrText, `${attr.length}`],
    typeof tree === "number" ? undefined : tree.path,
  );
}
