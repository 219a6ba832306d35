// What the addon costs: `true` in six new namespaces with a root and a /proc of its own, started from this
// process and, in turns, from a C program that makes the same calls. Prints both medians and their ratio.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeRoot } from "../checks/root.ts";
import { reportAndExit, UsageError } from "../lib/report.ts";
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUTS,
  clone,
  execve,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  mount,
  type Recipe,
  sethostname,
} from "../native/index.ts";
import { cleanSlate } from "../steps/01-exec/exec.ts";
import { pivotInto } from "../steps/04-mnt-chroot/rootfs.ts";
import { readWords } from "./words.ts";

const flags = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS;

const recipe = (root: string): Recipe => [
  sethostname("box"),
  ...pivotInto(root),
  mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC),
  ...cleanSlate(),
  execve("/bin/true", ["true"], {}),
];

// For each line on its standard input: one box, and how long it took, in nanoseconds, on its standard output.
const equivalent = String.raw`
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *root, stack[65536];

static int live(void *nothing) {
  char *none[] = {0}, *command[] = {"true", 0};
  if (sethostname("box", 3) || mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) || mount(root, root, 0, MS_BIND | MS_REC, 0) ||
      chdir(root) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/") ||
      mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0))
    _exit(1);
  execve("/bin/true", command, none);
  _exit(1);
}

int main(int argc, char **argv) {
  int namespaces = ${flags}, status;
  root = argv[1];
  while (getchar() != EOF) {
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int pid = clone(live, stack + sizeof stack, namespaces | CLONE_VM | CLONE_VFORK | SIGCHLD, 0);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status) return 1;
    clock_gettime(CLOCK_MONOTONIC, &after);
    printf("%ld\n", (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec);
    fflush(stdout);
  }
}
`;

/** Compiles and starts the C program; each call has it run one box: milliseconds. */
function inC(directory: string, root: string) {
  const program = join(directory, "equivalent");
  execFileSync("cc", ["-O2", "-x", "c", "-o", program, "-"], { input: equivalent });
  const child = spawn(program, [root], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  const box = async () => {
    child.stdin.write("\n");
    return Number((await answers.next()).value) / 1e6;
  };
  const stop = async () => {
    child.stdin.end();
    await once(child, "exit");
  };
  return { box, stop };
}

async function inTypeScript(root: string): Promise<number> {
  const start = performance.now();
  const status = await clone(flags, recipe(root)).exited;
  if (status !== 0) throw new Error(`true ended with ${status}`);
  return performance.now() - start;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

process.on("uncaughtException", reportAndExit);
const { given, words } = readWords({ help: { type: "boolean" } });
const rounds = Number(words[0] ?? 300);
if (words.length > 1 || !Number.isInteger(rounds) || rounds < 1)
  throw new UsageError(`expected a number of ROUNDS, got '${words.join(" ")}': npm run bench -- --help`);
if (given.help) {
  console.log(
    "usage: npm run bench -- [ROUNDS]\n\nWhat starting a box costs, beside the same in C (default: 300 rounds).",
  );
  process.exit();
}

const directory = mkdtempSync(join(tmpdir(), "bench-"));
try {
  makeRoot(directory, "bench");
  const c = inC(directory, directory);
  const times: { ours: number; cs: number }[] = [];
  for (let i = 0; i < rounds; i++) times.push({ ours: await inTypeScript(directory), cs: await c.box() });
  await c.stop();
  const [ours, cs] = [median(times.map((each) => each.ours)), median(times.map((each) => each.cs))];
  console.log(
    `TypeScript ${ours.toFixed(2)} ms, C ${cs.toFixed(2)} ms, ratio ${(ours / cs).toFixed(2)} (medians of ${rounds})`,
  );
} finally {
  rmSync(directory, { recursive: true });
}
