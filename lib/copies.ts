// The other two ways to give a box a root of its own, by the system's tools: a copy, and a snapshot of btrfs(5).
import { existsSync, mkdirSync, renameSync, statfsSync } from "node:fs";
import { CLONE_NEWNS, clone, type Recipe } from "../native/index.ts";
import { UsageError } from "./report.ts";
import { run } from "./rootfs/run.ts";

const BTRFS = 0x9123683e; // statfs(2)

/**
 * vfs: everything is copied, which takes as long and as much room as the image is large. `recipe` mounts it in
 * the current directory of a process and waits for us; through /proc we look in.
 */
export async function copyRoot(recipe: Recipe, target: string): Promise<void> {
  const reader = clone(CLONE_NEWNS, recipe);
  mkdirSync(target, { recursive: true });
  await copyTree(`/proc/${reader.pid}/cwd`, target);
  reader.resume();
  await reader.exited;
}

/** btrfs: the image is copied once, into `subvolume`; a snapshot shares its blocks until one is written to. */
export async function snapshotRoot(recipe: Recipe, subvolume: string, target: string): Promise<void> {
  if (!existsSync(subvolume)) {
    const unfinished = `${target}.image`;
    await tool("btrfs", ["subvolume", "create", unfinished]);
    await copyRoot(recipe, unfinished);
    if (!existsSync(subvolume)) renameSync(unfinished, subvolume); // another box may have been faster
  }
  await tool("btrfs", ["subvolume", "snapshot", subvolume, target]);
}

/** Copies what is in `source` into the directory `target`; blocks are shared where the file system can: cp(1). */
export const copyTree = (source: string, target: string, signal?: AbortSignal): Promise<void> => {
  const cp = ["cp", "--archive", "--reflink=auto", "--one-file-system", `${source}/.`, target];
  return tool("setpriv", ["--pdeathsig", "KILL", ...cp], signal); // a killed launcher would leave it running
};

/** Whether `path` lies on btrfs: statfs(2). */
export const isOnBtrfs = (path: string): boolean => statfsSync(path).type === BTRFS;

async function tool(program: string, args: string[], signal?: AbortSignal): Promise<void> {
  await run(program, args, { signal }).catch((error: Error) => {
    throw new UsageError(error.message.replace("setpriv: ", ""));
  });
}
