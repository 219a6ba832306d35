// What every kind of root file system has in common: how it is made, and the proof that it works.
import { machine } from "node:os";
import type { Release } from "./alpine.ts";
import { run } from "./run.ts";

/** What is to be made: for which machine (as `uname -m` says it), and, for Alpine, another release. */
export type Making = { arch: string; release?: Partial<Release>; signal?: AbortSignal };

/** Fills the empty directory `root` and returns what it was made from. */
export type Maker = (root: string, making: Making) => Promise<string>;

const needed = "ls cat ps mount hostname id env sleep";
const proof = `for name in ${needed}; do command -v $name || { echo "it lacks $name" >&2; exit 1; }; done`;

/** Throws unless a shell starts in `root` and finds what the lessons use. */
export async function prove(root: string, { arch, signal }: Making): Promise<void> {
  if (arch !== machine()) return; // nothing in it runs here
  await run("chroot", [root, "/bin/sh", "-c", `PATH=/bin:/sbin:/usr/bin:/usr/sbin; ${proof}`], { signal });
}

/** Throws if `arch` is another machine's. */
export function needNative(arch: string): void {
  if (arch !== machine())
    throw new Error(`can be made for this machine (${machine()}) only, not for ${arch}`);
}
