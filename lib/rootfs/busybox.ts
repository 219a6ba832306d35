// busybox: some 250 programs in one file. The name it is called by says which of them it is.
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./run.ts";

/** Copies the static busybox `binary` into `root` and makes a link to it for every name it answers to. */
export async function installBusybox(binary: string, root: string, signal?: AbortSignal): Promise<void> {
  const installed = join(root, "bin/busybox");
  copyFileSync(binary, installed);
  const names = (await run(installed, ["--list-full"], { signal })).split("\n").filter(Boolean);
  for (const name of names.filter((name) => name !== "bin/busybox")) {
    mkdirSync(join(root, dirname(name)), { recursive: true });
    symlinkSync("/bin/busybox", join(root, name));
  }
}
