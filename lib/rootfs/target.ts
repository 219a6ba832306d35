// The directory a root file system goes to: what must not be replaced, and replacing it in one step.
import { existsSync, lstatSync, readdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { mountsBelow } from "../mounts.ts";
import { makeDirectory } from "../paths.ts";

/** Returns the full path of `to`. Throws if something is there that must stay. */
export function claim(to: string, force = false): string {
  if (!existsSync(to)) {
    // New directories on the way are root's alone: setuid programs that a box makes must not be the host's users'.
    makeDirectory(dirname(resolve(to)), 0o700);
    return resolve(to);
  }
  const target = realpathSync(to);
  const full = readdirSync(target).length > 0;
  if (full && !force)
    throw new Error(`${target} is not empty: --force replaces it, --to DIR takes another place`);
  refuseMounts(target);
  if (full && !["bin/sh", "etc/passwd"].every((file) => isThere(join(target, file))))
    throw new Error(
      `${target} does not look like a root file system (bin/sh, etc/passwd): remove it yourself`,
    );
  return target;
}

/** Deleting a root deletes what is mounted in it: with /dev bound to it, the machine's own devices. */
export function refuseMounts(target: string): void {
  const [mount] = mountsBelow(target);
  if (mount) throw new Error(`${mount} is a mount point: unmount it first (umount ${mount})`);
}

/** Puts the directory `fresh` in the place of `target`; what was there is deleted only after that. */
export function replace(target: string, fresh: string, force = false): void {
  const old = `${fresh}.old`;
  if (force && existsSync(target)) renameSync(target, old);
  try {
    // rename(2) takes the place of a directory only if that is empty.
    renameSync(fresh, target);
  } catch (error) {
    if (existsSync(old)) renameSync(old, target);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

/** Not existsSync: /bin/sh is a link that leads to busybox only from inside. */
const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined;
