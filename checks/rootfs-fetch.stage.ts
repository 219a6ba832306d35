// What the tests of rootfs-fetch.ts stand on: importing this gives each a fresh place and cache, and clears up after it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { makeRootfs, type Wish } from "../rootfs-fetch.ts";
import { archiveName, ended, type Handler, type Start, start, startMirror } from "./rootfs-fetch.tools.ts";

const programs = ["sh", "ls", "cat", "ps", "mount", "hostname", "id", "env", "sleep"];
const directories = ["proc", "sys", "dev", "tmp", "etc", "root", "run", "var"];

const scratch = mkdtempSync(join(tmpdir(), "rootfs-fetch-"));
export let alpineLike: Buffer; // an archive as Alpine's is, with all that an archive can do wrong in unpacking
export let place: string; // a fresh directory for each test
export let to: string; // the directory in it that is to be made
export let part: string; // where an interrupted download stays
export const cleanups: (() => void)[] = []; // done after each test

beforeAll(async () => {
  process.umask(0o077); // as careful people have it
  const source = join(scratch, "source");
  await makeRootfs({ kind: "host", to: source });
  writeFileSync(join(source, "bin/setuid"), "", { mode: 0o755 });
  execFileSync("sh", ["-c", "chown 1000:1001 bin/setuid && chmod 4755 bin/setuid"], { cwd: source });
  execFileSync("sh", ["-c", "mknod dev/null c 1 3 && ln bin/setuid bin/second"], { cwd: source });
  alpineLike = execFileSync("tar", ["-cz", "-C", source, "."], { maxBuffer: 1e8 });
});

beforeEach(() => {
  place = mkdtempSync(join(scratch, "test-"));
  to = join(place, "rootfs");
  process.env.XDG_CACHE_HOME = mkdtempSync(join(scratch, "cache-"));
  part = join(process.env.XDG_CACHE_HOME, "linux-containers-diy", `${archiveName}.part`);
});

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

afterAll(() => rmSync(scratch, { recursive: true }));

export async function mirror(expected: Buffer, answer: Handler) {
  const started = await startMirror(expected, answer);
  cleanups.push(started.stop);
  return started;
}

/** Runs a script in the new root, as a user of it; what it mounts goes with it. */
export function inside(script: string, user = "root") {
  const line = ["--mount", "chroot", `--userspec=${user}`, to, "/bin/sh", "-c", script];
  return execFileSync("unshare", line, { encoding: "utf8" });
}

export function expectWorkingRoot() {
  for (const directory of directories)
    expect(statSync(join(to, directory)).isDirectory(), directory).toBe(true);
  expect(statSync(to).mode & 0o7777).toBe(0o755);
  expect(statSync(join(to, "tmp")).mode & 0o7777).toBe(0o1777);
  for (const program of programs) expect(inside(`command -v ${program}`)).toContain(program);
  expect(inside("ls / | cat")).toContain("proc\n");
  expect(inside("id; env; sleep 0; hostname")).toContain("uid=0(root)");
  expect(inside("ls /etc; cat /etc/passwd; id", "65534:65534")).toContain("uid=65534");
  expect(inside("mount -t proc proc /proc && ps")).toContain("PID");
}

/** Runs the command, which must say one line, exit 125, and leave `place` as it was. Returns the line. */
export async function failure(args: string[], options: Start = {}): Promise<string> {
  return explained(start([...args, "--to", to], options));
}

export async function explained(child: ReturnType<typeof start>, before = contents()): Promise<string> {
  const { status, stdout, stderr } = await ended(child);
  expect(stderr).toMatch(/^rootfs: [^\n]+\n$/);
  expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
  expect(contents()).toEqual(before);
  return stderr;
}

/** The same without a process of its own, which is faster. Returns the error's message, one line too. */
export async function refusal(wish: Wish): Promise<string> {
  const before = contents();
  const outcome = await makeRootfs({ ...wish, to }).catch((error: Error) => error);
  if (!(outcome instanceof Error)) throw new Error(`it was made: ${outcome.why}`);
  expect(outcome.message).toMatch(/^[^\n]+$/);
  expect(contents()).toEqual(before);
  return outcome.message;
}

const contents = () =>
  execFileSync("find", [place, "-mindepth", "1", "-printf", "%P %i %s\n"], { encoding: "utf8" });

/** Runs a command where `directory` has room for 200 kB. The mount ends with the command. */
export const onSmallDisk = (directory: string) => [
  ...["unshare", "--mount", "sh", "-c"],
  `mount -t tmpfs -o size=200k none ${directory}; exec "$@"`,
  "-",
];
