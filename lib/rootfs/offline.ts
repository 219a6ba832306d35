// The root file system that came along with this copy of the repository: npm run offline put it there.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../paths.ts";
import { unpack } from "./archive.ts";
import type { Making } from "./kind.ts";

/** Where it is in the repository, for a machine of this kind. */
export const carriedRootfs = (arch: string): string => join("offline", `rootfs-${arch}.tar`);

/** Whether one came along for machines of this kind. */
export const isCarried = (arch: string): boolean => existsSync(join(repository, carriedRootfs(arch)));

/** Unpacks it into `root`. */
export async function offline(root: string, { arch, signal }: Making): Promise<string> {
  if (!isCarried(arch))
    throw new Error(`no ${carriedRootfs(arch)} here: npm run offline makes a copy that has it`);
  await unpack(join(repository, carriedRootfs(arch)), root, signal);
  return `from ${carriedRootfs(arch)}`;
}
