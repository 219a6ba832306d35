// npm run record -- 05: a lesson's demo as a recording in asciicast format, version 2, which the site plays.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { repository } from "../../lib/paths.ts";
import { makeStore } from "../lessons/check.ts";
import { lessonFiles, readLesson } from "../lessons/fences.ts";
import { setStage } from "../lessons/stage.ts";
import { frontMatter } from "../site/book.ts";

const COLUMNS = 100;
const ROWS = 34;

/** Records the demo of a lesson on a stage, and returns the cast. @throws {Error} if a command was not as it says */
export async function record(file: string): Promise<string> {
  const store = await makeStore();
  const stage = await setStage(store);
  try {
    const demo = ["tsx", join(repository, "workshop/demo/demo.ts"), file, "--auto"];
    const { status, frames } = await film(stage.enter(demo), stage.env);
    if (status !== 0) throw new Error(`the demo of ${file} ended with ${status}: ${frames.at(-1)?.text}`);
    const { title } = frontMatter(readLesson(file)).values;
    return castOf(title ?? basename(file, ".md"), paced(frames));
  } finally {
    await stage.close();
    rmSync(store, { recursive: true });
  }
}

/** What was shown, and when, in milliseconds. */
type Frame = { at: number; text: string };

function film(command: string[], env: NodeJS.ProcessEnv): Promise<{ status: number; frames: Frame[] }> {
  const [program, ...args] = command;
  const size = { name: "xterm-256color", cols: COLUMNS, rows: ROWS };
  const pty = spawn(program!, args, { ...size, cwd: repository, env: { ...env } });
  const frames: Frame[] = [];
  const start = Date.now();
  pty.onData((text) => frames.push({ at: Date.now() - start, text }));
  return new Promise((resolve) => pty.onExit(({ exitCode }) => resolve({ status: exitCode, frames })));
}

const [TOGETHER, LETTER, WORD, LONGEST] = [15, 50, 150, 2000]; // ms

/**
 * The frames at a pace that does not tell how busy the machine was: what came at once is one frame, letters come evenly,
 * no wait is longer than anybody's patience. What is shown before and after the demo is left out.
 */
export function paced(frames: Frame[]): Frame[] {
  const all: Frame[] = [];
  for (const [i, { at, text }] of frames.entries()) {
    const gap = at - (frames[i - 1]?.at ?? at);
    const last = all.at(-1);
    if (last && gap < TOGETHER) last.text += text;
    else all.push({ at: (last?.at ?? 0) + evenly(gap), text });
  }
  return all;
}

const evenly = (gap: number): number =>
  gap < WORD ? LETTER : Math.min(LONGEST, Math.round(gap / 100) * 100);

/** https://docs.asciinema.org/manual/asciicast/v2 */
function castOf(title: string, frames: Frame[]): string {
  const header = { version: 2, width: COLUMNS, height: ROWS, title, env: { TERM: "xterm-256color" } };
  const events = frames.map(({ at, text }) => [at / 1000, "o", text]);
  return [header, ...events].map((each) => `${JSON.stringify(each)}\n`).join("");
}

async function main(lessons: string[]): Promise<void> {
  const files = lessons.flatMap((each) => lessonFiles(each));
  if (files.length === 0) throw new Error("usage: npm run record -- LESSON…");
  const folder = join(repository, "lessons/casts");
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    const to = join(folder, `${basename(file, ".md")}.cast`);
    writeFileSync(to, await record(file));
    console.log(`recorded: ${to}`);
  }
}

if (import.meta.filename === process.argv[1])
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(`record: ${(error as Error).message}`);
    process.exitCode = 125;
  }
