// Where things are.
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** This repository. */
export const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** What boxes keep: root file systems, images, what was written. Not in the repository, which may be a VM's share. */
export const store = resolve(process.env.BOX_STORE || "/var/lib/linux-containers-diy");

/** The root file system that `npm run rootfs` makes, and a box gets by default. */
export const defaultRootfs = join(store, "rootfs");

/** What is kept of the machine while boxes run, whoever runs them. */
export const machineRuntime = "/run/linux-containers-diy";

/** What boxes leave only while they run. */
export const runtime = resolve(process.env.BOX_RUNTIME || machineRuntime);

/** A path as the user means it: npm changes to the repository, and tells where it was called. */
export const fromCaller = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path);

/** mkdir -p. Node 20's own, `recursive`, never returns from a place where nothing can be made, as in /proc. */
export function makeDirectory(path: string, mode?: number): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another box was faster
  }
}
