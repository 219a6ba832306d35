// What a root file system has besides programs: the directories, and who root is.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const directories = ["bin", "sbin", "lib", "dev", "proc", "sys", "run", "etc", "home", "mnt", "tmp", "root"];
const below = ["usr", "usr/bin", "usr/sbin", "var", "var/log", "var/tmp"];

// Where they differ from the usual 755.
const modes = { root: 0o700, tmp: 0o1777, "var/tmp": 0o1777 };

const files = {
  "etc/passwd": ["root:x:0:0:root:/root:/bin/sh", "nobody:x:65534:65534:nobody:/:/bin/false"],
  "etc/group": ["root:x:0:", "tty:x:5:", "nogroup:x:65534:"],
  "etc/hosts": ["127.0.0.1 localhost", "::1 localhost"],
};

/** Fills the directory `root` with all that is no program. */
export function makeSkeleton(root: string): void {
  for (const directory of [...directories, ...below]) mkdirSync(join(root, directory));
  for (const [directory, mode] of Object.entries(modes)) chmodSync(join(root, directory), mode);
  for (const [file, lines] of Object.entries(files)) writeFileSync(join(root, file), `${lines.join("\n")}\n`);
}
