// Runs one check on one program: sets the scene, plays it, judges what was seen. Leaves nothing behind.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check, Ending, Output, Scene, Seen } from "./check.ts";
import { launch } from "./launch.ts";
import { type Machine, startMachine } from "./machine.ts";
import { type Played, play } from "./play.ts";
import type { Program } from "./programs.ts";
import { makeRoot } from "./root.ts";

export interface Verdict {
  holds: boolean;
  /** Why not, and where to look. */
  hint: string;
  /** What the program was given: `run …`. */
  args: string[];
  /** What it wrote, and its exit status unless it had to be stopped. */
  output: Output & Partial<Ending>;
}

const LIMIT = 20; // seconds; a run takes half of one

/** Why `program` is not asked this, if so. */
export const skipReason = (check: Check, program: Program) => {
  const options = Array.isArray(check.options) ? check.options : [];
  const missing = [...(check.needs ?? []), ...options].find((need) => program.lacks[need]);
  return missing ? `${missing}: ${program.lacks[missing]}` : check.unless?.();
};

/** Never hangs: what has not ended after `limit` seconds is stopped and has failed. */
export const runCheck = async (check: Check, program: Program, limit = LIMIT): Promise<Verdict> => {
  const host = await startMachine();
  const folder = mkdtempSync(join(tmpdir(), "check-"));
  try {
    return await runOn(setScene(host, folder), folder, check, program, limit);
  } finally {
    await host.stop();
    program.cleanUp?.(folder);
    rmSync(folder, { recursive: true, force: true });
  }
};

const setScene = (host: Machine, folder: string): Scene => {
  const mark = String(1e9 + Math.floor(Math.random() * 1e9));
  const [dir, root] = [join(folder, "host"), join(folder, "root")];
  mkdirSync(dir);
  makeRoot(root, mark);
  return { host, dir, root, mark };
};

const runOn = async (scene: Scene, folder: string, check: Check, program: Program, limit: number) => {
  const before = check.before?.(scene);
  const command = made(check.run, scene);
  const args = check.commandLine ?? boxArgs(check, program, scene, command);
  const argv = [...redirect(check, scene), ...program.start(args, folder)];
  const launched = launch(
    scene.host.enter(check.terminal ? inTerminal(argv) : argv),
    { SECRET: scene.mark, BOX_STORE: join(folder, "store"), BOX_RUNTIME: join(folder, "run") },
    check.stdin,
  );
  const played = await Promise.race([play(check, command, scene, launched), timeUp(limit)]);
  const output = { ...launched.output(), ...played };
  if (!isWhole(played)) return { holds: false, hint: played.trouble!, args, output };
  const after = await check.after?.(scene);
  return { ...judge(check, { ...scene, ...played, before, during: played.during, after }), args, output };
};

const isWhole = (played: Played | { trouble: string }): played is Played => !played.trouble;

const boxArgs = (check: Check, program: Program, scene: Scene, command: string[]) => [
  "run",
  ...(program.takesRoot ? ["--rootfs", scene.root] : []),
  ...made(check.options ?? [], scene),
  ...command,
];

const made = (list: string[] | ((scene: Scene) => string[]), scene: Scene) =>
  typeof list === "function" ? list(scene) : list;

const redirect = ({ stdinFrom }: Check, scene: Scene) => {
  if (stdinFrom === undefined) return [];
  const path = typeof stdinFrom === "function" ? stdinFrom(scene) : stdinFrom;
  return ["sh", "-c", 'exec "$@" <"$0"', path];
};

const inTerminal = (argv: string[]) => [
  ...["script", "--quiet", "--return", "--command"],
  `exec ${argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")}`,
  "/dev/null",
];

const judge = (check: Check, seen: Seen) => {
  try {
    return check.holds(seen) ? { holds: true, hint: "" } : { holds: false, hint: check.hint(seen) };
  } catch {
    return { holds: false, hint: "What was seen has nothing of the shape expected." };
  }
};

const timeUp = (seconds: number) =>
  new Promise<{ trouble: string }>((resolve) =>
    setTimeout(() => resolve({ trouble: stillRunning(seconds) }), seconds * 1000).unref(),
  );

const stillRunning = (seconds: number) =>
  `It was still running after ${seconds} s. Something waits for an end that does not come: the command for its stdin, or the program for a process that has ended or was never started?`;
