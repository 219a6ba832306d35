// npm run check 5: runs the checks of step 5, and of those before, on the learner's program.
import { spawnSync } from "node:child_process";
import { existsSync, watch } from "node:fs";
import { join } from "node:path";
import { fromCaller } from "../../lib/paths.ts";
import { reportAndExit, UsageError } from "../../lib/report.ts";
import { playground, progress, shown } from "../play/playground.ts";
import { findStep, readWords } from "../words.ts";
import { session, type Wish } from "./session.ts";

const usage = `usage: npm run check [STEP] [-- OPTIONS]

Runs the checks of STEP (default: the one you play), then those of the steps before, on playground/main.ts. Shows one
failure at a time: what was expected, what is wrong, what was run and seen, where to read.

  --program 'CMD'   check what CMD starts, in any language, instead of the playground; it is called as a step is:
                    CMD run [options] COMMAND…
  --all             do not stop at the first failure
  --watch           again after every save
  --json            the results as one line of JSON
  --help            this text

The program runs on a host of its own: other namespaces, at most 1000 processes and 1 GB, some seconds, and the
repository cannot be written to. What it leaves there goes with it. Exit status: 0 all hold, 1 some do not, 125 none
could be run.
`;

const options = {
  program: { type: "string" },
  all: { type: "boolean" },
  watch: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

process.on("uncaughtException", reportAndExit);

const { given, words } = readWords(options);
if (given.help) console.log(usage);
else await main(readWish());

function readWish(): Wish {
  if (words.length > 1) throw new UsageError(`expected one step, got '${words.join(" ")}': see -- --help`);
  const program = given.program as string | undefined;
  if (program?.trim() === "")
    throw new UsageError("--program: expected a command that starts it, got nothing");
  const word = words[0] ?? progress().playing;
  if (word === undefined) throw new UsageError("no step is played yet: npm run play 1 sets one up");
  const step = findStep(word);
  if (!program && !existsSync(join(playground, "main.ts")))
    throw new UsageError(`no ${shown("main.ts")}: npm run play ${Number.parseInt(step, 10)} sets it up`);
  if (process.getuid?.() !== 0)
    throw new UsageError("a check makes namespaces, which takes root: run it with sudo");
  process.chdir(fromCaller("."));
  return { step, words: program, all: given.all === true, json: given.json === true };
}

async function main(wish: Wish): Promise<void> {
  keepTerminal();
  const stop = new AbortController();
  for (const [name, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.once(name, () => {
      process.exitCode = status;
      stop.abort();
    });
  if (given.watch) await again(wish, stop.signal);
  else {
    const holds = await session(wish, stop.signal);
    process.exitCode ??= holds ? 0 : 1;
  }
}

/** Once, and after each change in the playground or the current directory; a run that is out of date is given up. */
async function again(wish: Wish, stop: AbortSignal): Promise<void> {
  let outdated = new AbortController();
  let wake = () => {};
  const directory = wish.words ? process.cwd() : playground;
  const watcher = watch(directory, (_, name) => {
    if (name === null || name.endsWith(".json")) return; // what we remember is no reason to begin again
    outdated.abort();
    wake();
  });
  stop.addEventListener("abort", () => wake());
  while (!stop.aborted) {
    outdated = new AbortController();
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (process.stdout.isTTY) console.clear();
    await session(wish, AbortSignal.any([stop, outdated.signal]));
    await changed;
    await new Promise((resolve) => setTimeout(resolve, 100)); // an editor saves in several steps
  }
  watcher.close();
}

/** Whatever becomes of the terminal meanwhile, it is afterwards as it was. */
function keepTerminal(): void {
  const stty = (...args: string[]) =>
    spawnSync("stty", args, { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" }).stdout?.trim();
  const before = process.stdin.isTTY ? stty("--save") : undefined;
  if (before) process.on("exit", () => stty(before));
}
