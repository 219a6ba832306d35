// npm run play 5: sets up the learner's own step 5, and says what to do.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../lib/paths.ts";
import { reportAndExit, UsageError } from "../../lib/report.ts";
import { findStep, readWords, stepNames } from "../words.ts";
import { ownFiles, playground, progress, shown, showSolution, switchTo } from "./playground.ts";
import { playOf, type Skeleton, skeletons } from "./seed.ts";

const usage = `usage: npm run play [STEP] [-- OPTIONS]

Sets up playground/ for your own step: the program of the step before, a module to fill in, and TODOs in the order of
the lesson. What was in playground/ is moved to playground/saved/, and comes back when you play that step again.
Without STEP: the one you are at.

  --reset           begin the step anew; what you have of it is moved to playground/saved/
  --solution        write the finished step to playground/solution/, and show how yours differs
  --skeleton KIND   begin with: todo (default), or empty, for which only native/ is there
  --list            the steps, and which of them passed all checks
  --help            this text

npm run check tells what is still missing.
`;

const options = {
  reset: { type: "boolean" },
  solution: { type: "boolean" },
  skeleton: { type: "string" },
  list: { type: "boolean" },
  help: { type: "boolean" },
} as const;

function kind(given: string | boolean | undefined): Skeleton | undefined {
  const found = skeletons.find((each) => each === given);
  if (given !== undefined && !found)
    throw new UsageError(`--skeleton: expected ${skeletons.join(" or ")}, got '${given}'`);
  return found;
}

function play(word: string | undefined, skeleton: Skeleton | undefined): void {
  const { playing } = progress();
  const step = word === undefined ? (playing ?? stepNames()[0]!) : findStep(word);
  const isThere = step === playing && ownFiles().length > 0;
  if (isThere && skeleton && !given.reset)
    throw new UsageError(`${shown()} has your step ${number(step)} already: --reset begins it anew`);
  if (!isThere || given.reset) tellOfFiles(switchTo(step, skeleton ?? "todo", given.reset === true));
  if (given.solution) compare(step);
  else tellOfTask(step);
}

function tellOfFiles({ savedTo, broughtBack }: { savedTo: string | undefined; broughtBack: boolean }): void {
  if (savedTo) console.log(`What was in ${shown()} is now in ${savedTo}.`);
  if (broughtBack) console.log("Here is your own of last time: --reset begins anew.");
  if (savedTo || broughtBack) console.log();
}

function tellOfTask(step: string): void {
  const mine = `${shown()}/`;
  const files = ownFiles().map((name) => {
    const todos = readFileSync(join(playground, name), "utf8").match(/^\s*\/\/ TODO \d+/gm)?.length ?? 0;
    return `  ${`${mine}${name}`.padEnd(24)} ${todos === 0 ? "" : `${todos} TODOs`}`.trimEnd();
  });
  console.log(`${title(step)}

${files.join("\n")}

  read   lessons/${step}.md
  start  npx tsx ${mine}main.ts run sh
  check  npm run check ${number(step)}     after every save: npm run check -- --watch
  stuck  npm run play ${number(step)} -- --solution`);
}

/** `Step 5: limits, and an account of what was used.` */
const title = (step: string): string =>
  readFileSync(join(repository, "steps", step, "main.ts"), "utf8")
    .split("\n")[0]!
    .replace("// ", "");

const number = (step: string): number => Number.parseInt(step, 10);

function compare(step: string): void {
  for (const [own, finished] of showSolution(step)) {
    const { status, stdout } = spawnSync("diff", ["--unified", "--new-file", own, finished], {
      cwd: repository,
      encoding: "utf8",
    });
    console.log(status === 0 ? `${own} is as in ${finished}` : stdout);
  }
  console.log(
    `Written to ${shown("solution")}; your own files are as they were. ${playOf(step).module} has the new part.`,
  );
}

function list(): void {
  const { playing, passed } = progress();
  for (const step of stepNames()) {
    const when = passed[step]?.slice(0, 16).replace("T", " ");
    const mark = when ? "✓" : step === playing ? "→" : " ";
    console.log(
      `${mark} ${title(step).replace("Step ", "")}${when ? `  (passed ${when} UTC)` : ""}${step === playing ? "  ← you are here" : ""}`,
    );
  }
}

process.on("uncaughtException", reportAndExit);

const { given, words } = readWords(options);
if (words.length > 1) throw new UsageError(`expected one step, got '${words.join(" ")}': see -- --help`);
if (given.help) console.log(usage);
else if (given.list) list();
else play(words[0], kind(given.skeleton));
