// npm run record -- 05: a lesson's demo as a recording in asciicast format, version 2, which the site plays. Recordings
// are made when a site is, and not kept with the lessons: so they cannot tell of a lesson as it was.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { repository } from "../../lib/paths.ts";
import { reportAndExit, UsageError } from "../../lib/report.ts";
import { exitWhenStopped } from "../../lib/stop.ts";
import { makeStore } from "../lessons/check.ts";
import { lessonFiles, readLesson } from "../lessons/fences.ts";
import { setStage } from "../lessons/stage.ts";
import { frontMatter } from "../site/book.ts";
import { readWords } from "../words.ts";
import { WAITS } from "./perform.ts";

const COLUMNS = 100;
const ROWS = 34;

/** Records the demo of a lesson on a stage, and returns the cast. @throws {Error} if a command was not as it says */
export async function record(file: string): Promise<string> {
  const store = await makeStore();
  const stage = await setStage(store);
  try {
    const demo = ["tsx", join(repository, "workshop/demo/demo.ts"), file, "--auto", "--fast"];
    const { status, shown } = await film(stage.enter(demo), stage.env);
    if (status !== 0) throw new Error(`the demo of ${file} ended with ${status}: ${shown.at(-1)}`);
    const { title } = frontMatter(readLesson(file)).values;
    return castOf(title ?? basename(file, ".md"), paced(shown));
  } finally {
    await stage.close();
    rmSync(store, { recursive: true });
  }
}

/** Runs the demo in a terminal, and returns what was shown in it, piece by piece. */
function film(command: string[], env: NodeJS.ProcessEnv): Promise<{ status: number; shown: string[] }> {
  const [program, ...args] = command;
  const size = { name: "xterm-256color", cols: COLUMNS, rows: ROWS };
  const pty = spawn(program!, args, { ...size, cwd: repository, env: { ...env } });
  const shown: string[] = [];
  pty.onData((text) => shown.push(text));
  return new Promise((resolve) => pty.onExit(({ exitCode }) => resolve({ status: exitCode, shown })));
}

/** What is shown, and when, in milliseconds. */
type Frame = { at: number; text: string };

const FRAME = 120; // ms: the eye sees no more
const PAUSE = { letter: 35, enter: 600, read: 1000, character: 1.5, longest: 3500 }; // ms

/**
 * When each piece is shown to somebody who reads: a pause before a line is typed, the longer the more there is to read,
 * and one before it is run. How fast the machine was does not show. What follows the last screen is left out.
 */
export function paced(shown: string[]): Frame[] {
  const end = shown.findIndex((text) => text.includes("\x1b[?1049l"));
  const frames: Frame[] = [];
  let at = 0;
  let unread = 0;
  for (const text of shown.slice(0, end < 0 ? undefined : end)) {
    const last = frames.at(-1);
    if (last && at - last.at < FRAME) last.text += text;
    else frames.push({ at, text });
    unread += text.length;
    const reads = text.includes(WAITS.toType) || text.includes(WAITS.toPress);
    const pause = reads ? Math.min(PAUSE.longest, PAUSE.read + PAUSE.character * unread) : 0;
    if (reads) unread = 0;
    at += Math.round(pause || (text.includes(WAITS.toRun) ? PAUSE.enter : PAUSE.letter));
  }
  return frames.map(({ at, text }) => ({ at, text: withoutReturns(text) }));
}

/** tmux puts the cursor back after each letter: letters in a row are one text. */
const withoutReturns = (text: string): string => {
  const pair = /(\x1b\[(\d+);(\d+)H)([^\x1b]+)\x1b\[\d+;\d+H\x1b\[(\d+);(\d+)H(?=[^\x1b])/;
  const [all, move, row, column, letters, nextRow, nextColumn] = pair.exec(text) ?? [];
  if (all === undefined) return text;
  const isNext = row === nextRow && Number(column) + letters!.length === Number(nextColumn);
  const at = text.indexOf(all);
  if (isNext) return withoutReturns(text.replace(all, () => `${move}${letters}`));
  return text.slice(0, at + move!.length) + withoutReturns(text.slice(at + move!.length));
};

/** https://docs.asciinema.org/manual/asciicast/v2 */
function castOf(title: string, frames: Frame[]): string {
  const header = { version: 2, width: COLUMNS, height: ROWS, title, env: { TERM: "xterm-256color" } };
  const events = frames.map(({ at, text }) => [at / 1000, "o", text]);
  return [header, ...events].map((each) => `${JSON.stringify(each)}\n`).join("");
}

const usage = `usage: npm run record -- [LESSON…]

Records what npm run demo shows of lessons (04 or a file), or of all of them, as npm run site plays it: an asciicast each,
in lessons/casts.
`;

async function main(): Promise<void> {
  const { given, words } = readWords({ help: { type: "boolean" } });
  if (given.help) return void process.stdout.write(usage);
  const files = words.length > 0 ? words.flatMap((each) => lessonFiles(each)) : lessonFiles();
  if (files.length === 0) throw new UsageError(`expected LESSONs, got '${words.join(" ")}': see -- --help`);
  exitWhenStopped();
  const folder = join(repository, "lessons/casts");
  mkdirSync(folder, { recursive: true });
  for (const file of files)
    try {
      const name = `${basename(file, ".md")}.cast`;
      writeFileSync(join(folder, name), await record(file));
      console.log(`recorded: lessons/casts/${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.error(`record: ${(error as Error).message}`);
    }
}

if (import.meta.filename === process.argv[1]) {
  process.on("uncaughtException", reportAndExit);
  await main();
}
