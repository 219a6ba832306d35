// One go at the checks: makes the program ready, runs them, tells what comes of it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { checksFor } from "../../checks/all.ts";
import type { Program } from "../../checks/programs.ts";
import { repository } from "../../lib/paths.ts";
import { notePassed, playground } from "../play/playground.ts";
import { stepNames } from "../words.ts";
import { inOrder, type Result, results } from "./course.ts";
import { bundled, named, Unreadable } from "./programs.ts";
import { asJson, bold, failure, progressLine, skipped, success, trouble } from "./tell.ts";

export interface Wish {
  /** `05-cgroups` */
  step: string;
  /** A command line, instead of the playground. */
  words: string | undefined;
  /** Go on after a failure. */
  all: boolean;
  json: boolean;
}

/** Runs the checks. True when all hold. */
export async function session(wish: Wish, signal: AbortSignal): Promise<boolean> {
  const number = Number.parseInt(wish.step, 10);
  try {
    const program = wish.words ? named(wish.words, number) : bundled(join(playground, "main.ts"), number);
    return await judge(wish, program, number, signal);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    if (wish.json) console.log(JSON.stringify({ step: number, holds: false, unreadable: error.message }));
    else console.log(trouble(error.message));
    return false;
  }
}

async function judge(wish: Wish, program: Program, step: number, signal: AbortSignal): Promise<boolean> {
  const types = wish.words ? undefined : typeErrors();
  const checks = inOrder(await checksFor(step), step);
  const stop = new AbortController();
  const done: Result[] = [];
  for await (const result of results(checks, program, AbortSignal.any([signal, stop.signal]))) {
    if (signal.aborted) return false;
    done.push(result);
    if (result.kind === "fails" && !wish.all) stop.abort(); // the rest need not be known
    if (!wish.json) await tell(result, program, `${done.length} of ${checks.length}`, types);
    if (stop.signal.aborted) break;
  }
  return conclude(wish, program, step, done, checks.length);
}

async function tell(result: Result, program: Program, count: string, types?: Promise<string>): Promise<void> {
  progressLine(result.kind === "fails" ? "" : count);
  if (result.kind !== "fails") return;
  console.log(failure(result, program));
  const error = await types;
  if (error) console.log(`  types: ${error}`);
  console.log();
}

function conclude(wish: Wish, program: Program, step: number, done: Result[], total: number): boolean {
  const holds = done.length === total && done.every(({ kind }) => kind !== "fails");
  if (holds && !wish.words) notePassed(wish.step);
  if (wish.json)
    console.log(JSON.stringify({ step, program: program.name, holds, checks: done.map(asJson) }));
  else console.log(closing(wish, program, step, done, total, holds).join("\n"));
  return holds;
}

function closing(
  { words }: Wish,
  { name }: Program,
  step: number,
  done: Result[],
  total: number,
  holds: boolean,
): string[] {
  progressLine("");
  const count = (kind: Result["kind"]) => done.filter((each) => each.kind === kind).length;
  const held = count("holds");
  if (!holds)
    return [`${held} hold, ${count("fails")} not, ${total - done.length} to come: npm run check ${step}`];
  const next = stepNames()[step];
  const command = words ? `npm run check ${step + 1} -- --program '${words}'` : `npm run play ${step + 1}`;
  return [
    success(`step ${step}: all ${held} checks hold for ${name}`),
    ...skipped(done),
    "",
    bold(next ? `  next: ${command}` : "  That was the last step: you have built a container."),
  ];
}

/** What the compiler says first, if anything: the bundler takes types as they are. */
async function typeErrors(): Promise<string> {
  const tsc = spawn(
    process.execPath,
    [join(repository, "node_modules/typescript/bin/tsc"), "-p", ".", "--pretty", "false"],
    {
      cwd: playground,
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const [said] = await Promise.all([textOf(tsc.stdout), once(tsc, "exit")]);
  return /^\S+\(\d+,\d+\): error .*/m.exec(said)?.[0] ?? "";
}
