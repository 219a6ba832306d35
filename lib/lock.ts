// Locks between processes. The kernel drops one when its holder dies, and sees it from every pid namespace.
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { flock, perform, type SystemError } from "../native/index.ts";

/** Does `action` while no other process does anything under the lock of `directory`. */
export function locked<T>(directory: string, action: () => T): T {
  const fd = openLock(directory);
  try {
    perform(flock(fd, true));
    return action();
  } finally {
    closeSync(fd);
  }
}

/** Makes `directory` ours until this process ends; false if it is another's. */
export function claim(directory: string): boolean {
  const fd = openLock(directory);
  try {
    perform(flock(fd, false));
    return true;
  } catch (error) {
    closeSync(fd);
    if ((error as SystemError).code !== "EAGAIN") throw error;
    return false;
  }
}

function openLock(directory: string): number {
  // Root's alone: a setuid program that a box leaves there must be nobody else's.
  mkdirSync(directory, { recursive: true });
  if (statSync(directory).mode & 0o077) chmodSync(directory, 0o700);
  return openSync(join(directory, "lock"), "w");
}
