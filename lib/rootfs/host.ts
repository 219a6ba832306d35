// A root file system out of what this machine has: no network, no package.
import { copyFileSync, existsSync, mkdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { installBusybox } from "./busybox.ts";
import { type Making, needNative } from "./kind.ts";
import { run } from "./run.ts";
import { makeSkeleton } from "./skeleton.ts";

const programs = `
  sh ls cat ps mount hostname id env sleep
  awk bash basename chgrp chmod chown clear cp cut date dd df dirname du echo expr false find free grep head ip
  kill less ln mkdir mknod more mv nproc pgrep ping pkill printf pwd readlink realpath rm rmdir sed seq sort stat
  stty su sync tail tee test timeout top touch tr true tty umount uname uniq uptime vi wc which whoami xargs yes`;

/** Fills `root` from this machine's static busybox, or from its programs with the libraries they need. */
export async function host(root: string, { arch, signal }: Making): Promise<string> {
  needNative(arch);
  makeSkeleton(root);
  const busybox = which("busybox");
  if (busybox && (await librariesOf(busybox)).length === 0) {
    await installBusybox(busybox, root, signal);
    return `made from ${busybox}`;
  }
  const found = programs.split(/\s+/).flatMap((name) => which(name) ?? []);
  for (const program of found) await copyProgram(program, root, signal);
  // Tells the loader of libraries in unusual places; they have the same place here.
  if (existsSync("/etc/ld.so.cache")) copyFileSync("/etc/ld.so.cache", join(root, "etc/ld.so.cache"));
  return `made from ${found.length} of this machine's programs`;
}

/** Copies a program to /bin, and to where they are here its libraries and the loader of libraries. */
async function copyProgram(program: string, root: string, signal?: AbortSignal): Promise<void> {
  const libraries = await librariesOf(program, signal);
  copy(program, join(root, "bin", basename(program)));
  for (const library of libraries) copy(library, join(root, library));
}

function copy(from: string, to: string): void {
  if (existsSync(to)) return; // most need the same libraries
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** The files `program` needs to start, or none if it is static. ldd(1) */
async function librariesOf(program: string, signal?: AbortSignal): Promise<string[]> {
  const output = await run("ldd", [program], { signal }).catch((error: Error) => {
    if (/not a (dynamic|valid dynamic)/i.test(error.message)) return ""; // glibc's and musl's word for static
    throw error;
  });
  return [...output.matchAll(/(\/\S+) \(0x/g)].map(([, file]) => String(file));
}

/** Where the shell would find `name`; root's PATH may lack the sbin directories. */
function which(name: string): string | undefined {
  const directories = [...(process.env.PATH ?? "").split(":"), "/sbin", "/usr/sbin"];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true && (stat.mode & 0o111) !== 0;
}
