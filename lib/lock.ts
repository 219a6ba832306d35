// Locks between processes. The kernel drops one when its holder dies, and sees it from every pid namespace.
import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { flock, perform, type SystemError } from "../native/index.ts";
import { makeDirectory } from "./paths.ts";

/** Does `action` while no other process does anything under the lock of `directory`. */
export const locked = <T>(directory: string, action: () => T): T => holding(openLock(directory), action);

/** The same with the lock of a file that is there, and that only root may write to. */
export const lockedFile = <T>(file: string, action: () => T): T => holding(openSync(file, "r+"), action);

function holding<T>(fd: number, action: () => T): T {
  try {
    perform(flock(fd, true));
    return action();
  } finally {
    closeSync(fd);
  }
}

/** Whether `directory` is some process's own, by `claim`. */
export const isClaimed = (directory: string): boolean => isHeld(openLock(directory));

/** Whether some process holds the lock of a file or directory that is there. */
export const isLocked = (path: string): boolean => isHeld(openSync(path, "r"));

function isHeld(fd: number): boolean {
  try {
    return !tryLock(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes `directory` ours until this process ends; false if it is another's. */
export function claim(directory: string): boolean {
  const fd = openLock(directory);
  if (tryLock(fd)) return true;
  closeSync(fd);
  return false;
}

function tryLock(fd: number): boolean {
  try {
    perform(flock(fd, false));
    return true;
  } catch (error) {
    if ((error as SystemError).code !== "EAGAIN") throw error;
    return false;
  }
}

function openLock(directory: string): number {
  // Root's alone: a setuid program that a box leaves there must be nobody else's.
  makeDirectory(directory);
  if (statSync(directory).mode & 0o077) chmodSync(directory, 0o700);
  return openSync(join(directory, "lock"), "w");
}
