// What the tests of the addon share.
import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { exec } from "../steps/01-exec/exec.ts";
import { clone, type Recipe } from "./index.ts";

/** An empty directory, removed after the test. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "box-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Runs `command` after `recipe` in a child of this process: its exit status and what it wrote. */
export async function run(command: string[], recipe: Recipe = []) {
  const file = join(directory(), "stdout");
  const redirected = ["sh", "-c", `exec "$0" "$@" >${file}`, ...command];
  const status = await clone(0, [...recipe, ...exec(redirected, { PATH: process.env.PATH })]).exited;
  return { status, stdout: readFileSync(file, "utf8") };
}

/** What `action` throws. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** The arguments for Node that run TypeScript. */
export const typescript = ["--import", import.meta.resolve("tsx")];

/** Runs `code`, which has the addon and step 1 at hand, in a Node process of its own. */
export function launch(code: string, options: Partial<SpawnSyncOptionsWithStringEncoding> = {}) {
  return spawnSync(process.execPath, [...typescript, "--input-type=module", "--eval", program(code)], {
    ...options,
    encoding: "utf8",
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, NODE_OPTIONS: undefined, ...options.env },
  });
}

export const program = (code: string): string =>
  `import * as native from "${join(import.meta.dirname, "index.ts")}";
   import { exec } from "${join(import.meta.dirname, "../steps/01-exec/exec.ts")}";
   ${code}`;

/** Open descriptors of this process and what they are. */
export const descriptors = (): string[] => readdirSync("/proc/self/fd");

/** The states (R, S, Z …) of this process's children, by pid: proc_pid_stat(5). */
export const children = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync("/proc/self/task")
      .flatMap((thread) => readFileSync(`/proc/self/task/${thread}/children`, "latin1").split(" "))
      .filter(Boolean)
      .map((pid) => [pid, state(pid)]),
  );

/** X for a process that is not there. */
export function state(pid: number | string): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat[stat.lastIndexOf(")") + 2]!;
  } catch {
    return "X";
  }
}

/** Waits until `condition` holds, five seconds at most: whether it does. */
export async function comesTrue(condition: () => boolean): Promise<boolean> {
  for (const end = Date.now() + 5000; Date.now() < end && !condition(); )
    await new Promise((resolve) => setTimeout(resolve, 5));
  return condition();
}
