// npm run demo -- 05: types a lesson's commands into real shells, for an audience.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boxName } from "../../lib/boxes.ts";
import { repository } from "../../lib/paths.ts";
import { reportAndExit, UsageError } from "../../lib/report.ts";
import { stopSignal } from "../../lib/stop.ts";
import { lessonFiles, readLesson } from "../lessons/fences.ts";
import { whatLacks } from "../lessons/needs.ts";
import { shellIn } from "../lessons/shell.ts";
import { readWords } from "../words.ts";
import { endMarked, MARK } from "./marked.ts";
import type { Orders, Outcome } from "./prompter.ts";
import { scriptOf } from "./script.ts";
import { endTmux, openTmux, tmuxCommand } from "./tmux.ts";

const USAGE = `usage: npm run demo -- LESSON [--auto [--fast]]

Types the commands of a lesson into real shells: Enter types one, Enter again runs it. LESSON is 04 or a file.
  --auto   presses the keys itself, and says what was not as the lesson says
  --fast   without the pauses for an audience
`;

const FAST = 50; // times

async function demo(file: string, auto: boolean, speed: number): Promise<number> {
  const { lines, skipped } = scriptOf(readLesson(file));
  for (const each of skipped) console.error(`demo: left out: ${file}, ${each}`);
  if (lines.length === 0) throw new UsageError(`nothing of ${file} can be shown here`);
  const folder = mkdtempSync(join(tmpdir(), "demo-"));
  try {
    const { command, env } = shellIn(folder);
    await play({ demo: boxName(), file, folder, shell: command, auto, speed }, env);
    return conclude(file, folder, lines.length, auto);
  } finally {
    endTmux(folder);
    await endMarked();
    rmSync(folder, { recursive: true });
  }
}

/** Has tmux show the prompter, which opens the other panes, until it ends or we are told to. */
async function play(orders: Orders, env: NodeJS.ProcessEnv): Promise<void> {
  const { folder } = orders;
  const { BOX_STORE, BOX_RUNTIME, TERM } = process.env;
  const { columns = 120, rows = 36, isTTY } = process.stdout;
  const prompter = ["--import", import.meta.resolve("tsx"), join(import.meta.dirname, "prompter.ts")];
  const foot = [process.execPath, ...prompter, JSON.stringify(orders)];
  const script = `"$@" 2>'${folder}/errors'; exec ${tmuxCommand(folder).join(" ")} kill-server`;
  openTmux(folder, { ...env, BOX_STORE, BOX_RUNTIME, TERM, ...MARK })(
    ...["new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, "-c", repository],
    ...["--", "sh", "-c", script, "sh", ...foot],
  );
  const stop = stopSignal((signal) => new UsageError(`${signal} has ended the demo`));
  const stopped = new Promise((_, reject) => stop.addEventListener("abort", () => reject(stop.reason)));
  await Promise.race([isTTY ? attach(folder) : untilGone(folder), stopped]);
}

async function attach(folder: string): Promise<void> {
  const [program, ...args] = tmuxCommand(folder);
  const { TMUX: _, ...env } = process.env; // in somebody's own tmux, too
  await once(spawn(program!, [...args, "attach-session"], { stdio: "inherit", env }), "exit");
}

async function untilGone(folder: string): Promise<void> {
  const [program, ...args] = tmuxCommand(folder);
  while (spawnSync(program!, [...args, "has-session"], { stdio: "ignore" }).status === 0)
    await new Promise((resolve) => setTimeout(resolve, 200));
}

/** Says how it went, and returns the exit status. */
function conclude(file: string, folder: string, lines: number, auto: boolean): number {
  const errors = readFileSync(join(folder, "errors"), "utf8");
  if (!existsSync(join(folder, "outcome.json"))) throw new Error(`the prompter failed: ${errors}`);
  const outcome = JSON.parse(readFileSync(join(folder, "outcome.json"), "utf8")) as Outcome;
  for (const trouble of outcome.troubles) console.log(`\n${trouble}`);
  if (auto) console.log(`${file}: ${outcome.played - outcome.troubles.length} of ${lines} as it says`);
  if (outcome.troubles.length > 0) return 1;
  return auto && outcome.quit ? 130 : 0;
}

async function main(): Promise<void> {
  const flag = { type: "boolean" } as const;
  const { given, words } = readWords({ auto: flag, fast: flag, help: flag });
  if (given.help) return void process.stdout.write(USAGE);
  const files = words.length === 1 ? lessonFiles(words[0]) : [];
  if (files.length !== 1)
    throw new UsageError(`expected one LESSON, got '${words.join(" ")}': see -- --help`);
  const lack = whatLacks(["tmux"]);
  if (lack) throw new UsageError(`${lack}: apt-get install tmux`);
  process.exitCode = await demo(files[0]!, given.auto === true, given.fast ? FAST : 1);
}

if (import.meta.filename === process.argv[1]) {
  process.on("uncaughtException", reportAndExit);
  await main();
}
