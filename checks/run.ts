// Runs one check on one program: sets the scene, plays it, judges what was seen. Leaves nothing behind.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check, Ending, Output, Scene, Seen } from "./check.ts";
import type { Launched } from "./launch.ts";
import { startMachine } from "./machine.ts";
import { type Played, play } from "./play.ts";
import type { Program } from "./programs.ts";
import { boxArgs, type Stage, setStage } from "./scene.ts";

export interface Verdict {
  holds: boolean;
  /** Why not, and where to look. */
  hint: string;
  /** What the program was given: `run …`. */
  args: string[];
  /** What it wrote, and its exit status unless it had to be stopped. */
  output: Output & Partial<Ending>;
}

/** The end of a run that is not its own, and why. */
export type Stopped = Promise<{ trouble: string }>;

const LIMIT = process.env.VM ? 400 : 20; // seconds; a run takes half of one, in a busy emulated machine a hundred times that

/** Why `program` is not asked this, if so. */
export const skipReason = (check: Check, program: Program) => {
  const options = Array.isArray(check.options) ? check.options : [];
  const missing = [...(check.needs ?? []), ...options].find((need) => program.lacks[need]);
  return missing ? `${missing}: ${program.lacks[missing]}` : check.unless?.();
};

/** Never hangs: what has not ended after `limit` seconds, or by the time of `stop`, is stopped and has failed. */
export const runCheck = async (
  check: Check,
  program: Program,
  limit = LIMIT,
  stop?: Stopped,
): Promise<Verdict> => {
  const host = await startMachine();
  const folder = mkdtempSync(join(tmpdir(), "check-"));
  let strike = host.stop;
  try {
    const stage = setStage(host, folder, program);
    strike = stage.strike;
    return await runOn(stage, check, program, Promise.race([timeUp(limit), ...(stop ? [stop] : [])]));
  } catch (error) {
    const hint = `Before the run: ${(error as Error).message}.`;
    return { holds: false, hint, args: [], output: { stdout: "", stderr: "", bytes: Buffer.alloc(0) } };
  } finally {
    await strike().finally(() => rmSync(folder, { recursive: true, force: true }));
  }
};

const runOn = async ({ scene, start }: Stage, check: Check, program: Program, stopped: Stopped) => {
  const before = await check.before?.(scene);
  const command = made(check.run, scene);
  const args = check.commandLine ?? boxArgs(program, scene.root, made(check.options ?? [], scene), command);
  const launched = start(args, check.stdin, (argv) => around(check, scene, argv));
  const seen = await Promise.race([watch(check, command, scene, launched), stopped, launched.flooded]);
  const output = { ...launched.output(), ...seen };
  if (!isWhole(seen)) return { holds: false, hint: seen.trouble!, args, output };
  return {
    ...judge(check, { ...scene, ...seen, before, during: seen.during, after: seen.after }),
    args,
    output,
  };
};

type Watched = Played & { after?: unknown };

const watch = async (check: Check, command: string[], scene: Scene, launched: Launched): Promise<Watched> => {
  const played = await play(check, command, scene, launched);
  if (played.trouble) return played;
  try {
    return { ...played, after: await check.after?.(scene) };
  } catch (error) {
    return { ...played, trouble: `While the host was looked at afterwards: ${(error as Error).message}.` };
  }
};

const isWhole = (seen: Watched | { trouble: string }): seen is Watched => !seen.trouble;

const made = (list: string[] | ((scene: Scene) => string[]), scene: Scene) =>
  typeof list === "function" ? list(scene) : list;

const around = (check: Check, scene: Scene, argv: string[]) => {
  const whole = [...redirect(check, scene), ...argv];
  return check.terminal ? inTerminal(whole) : whole;
};

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

const timeUp = (seconds: number): Stopped =>
  new Promise((resolve) =>
    setTimeout(() => resolve({ trouble: stillRunning(seconds) }), seconds * 1000).unref(),
  );

const stillRunning = (seconds: number) =>
  `It was still running after ${seconds} s. Something waits for an end that does not come: the command for its stdin, or the program for a process that has ended or was never started?`;
