// The files that a step begins and ends with. Both come out of steps/, so neither can be out of date.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../lib/paths.ts";
import { stepNames } from "../words.ts";
import { mergedImports, moved, withoutImports } from "./imports.ts";
import { cutOut } from "./module.ts";
import { type Play, plays, type Task } from "./tasks.ts";
import { todo } from "./todo.ts";

/** Names of files in the playground, and what is in them. */
export type Files = Record<string, string>;

/** `todo`: the program so far, and what to add. `empty`: nothing but the addon. */
export const skeletons = ["todo", "empty"] as const;
export type Skeleton = (typeof skeletons)[number];

/** What is to be done for `step`, and the file of the learner's that gets it. */
export function playOf(step: string): Play {
  const play = plays[step];
  if (!play) throw new Error(`no tasks for ${step}: workshop/play/tasks.ts`);
  return play;
}

/** What the learner gets to begin `step` with, in `directory`. */
export function beginning(step: string, directory: string, skeleton: Skeleton = "todo"): Files {
  if (skeleton === "empty") return { "main.ts": fromNothing(step, directory) };
  return { "main.ts": story(step, directory), [playOf(step).module]: emptiedModule(step, directory) };
}

/** What they can end with. */
export function solution(step: string, directory: string): Files {
  const files = ["main.ts", playOf(step).module];
  return Object.fromEntries(files.map((file) => [file, brought(step, file, directory)]));
}

/** A file of a step, to stand in `directory`, beside the step's module unless that is `finished`. */
const brought = (step: string, file: string, directory: string, finished = false): string =>
  moved(
    source(step, file),
    pathOf(step, file),
    directory,
    finished ? [] : [pathOf(step, playOf(step).module)],
  );

const pathOf = (step: string, file: string): string => join(repository, "steps", step, file);

/** Without the marks by which lessons quote it. */
const source = (step: string, file: string): string =>
  readFileSync(pathOf(step, file), "utf8")
    .replace(/^\/\/ #(end)?region.*\n/gm, "")
    .replace(/\n{3,}/g, "\n\n");

// --- main.ts: the program of the step before, with the names that this one needs ---

function story(step: string, directory: string): string {
  const goal = brought(step, "main.ts", directory);
  const before = stepNames()[stepNames().indexOf(step) - 1];
  const sofar = before === undefined ? withoutTheRest(goal) : brought(before, "main.ts", directory, true);
  const imports = mergedImports(sofar, goal);
  const begin =
    before === undefined
      ? "It knows its command line, and nothing else"
      : `It is the program of step ${Number.parseInt(before, 10)}`;
  return `${header(step, goal, `${begin}. The TODOs are numbered in the order in which you will need them.`)}${imports}${withTasks(body(sofar), step)}`;
}

/** What comes after the header and the imports. */
const body = (text: string): string => withoutImports(text.replace(/^(\/\/.*\n)+/, ""));

/** Before step 1 there is only the command line. */
const withoutTheRest = (goal: string): string => goal.replace(/(= boxCommand\(.*\);\n)[\s\S]*$/, "$1");

const header = (step: string, goal: string, where: string): string => {
  const [title, ...lines] = goal.split("\n");
  const man = lines.find((line) => line.startsWith("//   man "));
  return [
    title!.replace(":", ", yours:"),
    "//   start  npx tsx playground/main.ts run sh",
    `//   check  npm run check ${Number.parseInt(step, 10)}`,
    `//   read   lessons/${step}.md`,
    man!,
    `// ${where}`,
    "",
  ].join("\n");
};

function withTasks(text: string, step: string): string {
  let lines = text.trimEnd().split("\n");
  for (const [i, task] of playOf(step).tasks.entries())
    if (!("fill" in task)) lines = withTask(lines, task, i + 1);
  return `${lines.join("\n")}\n`;
}

function withTask(lines: string[], { at, todo: text }: Task & { at?: string }, number: number): string[] {
  if (at === undefined) return [...lines, "", ...todo(number, text, "")];
  const found = lines.flatMap((line, i) => (line.trimStart().startsWith(at) ? [i] : []));
  if (found.length !== 1) throw new Error(`TODO ${number}: ${found.length} lines begin with '${at}'`);
  const indentation = /^\s*/.exec(lines[found[0]!]!)![0];
  return lines.toSpliced(found[0]!, 0, ...todo(number, text, indentation));
}

// --- the module ---

function emptiedModule(step: string, directory: string): string {
  const { module, tasks } = playOf(step);
  return tasks.reduce(
    (sofar, task, i) => ("fill" in task ? cutOut(sofar, task.fill, i + 1, task.todo, task.meanwhile) : sofar),
    brought(step, module, directory),
  );
}

// --- for who wants to do it all ---

const fromNothing = (step: string, directory: string): string => {
  const goal = brought(step, "main.ts", directory);
  const native = moved('import { clone } from "./native/index.ts";\n', join(repository, "x"), directory);
  const begin = "From nothing: native/index.ts makes the system calls, the rest is yours.";
  return `${header(step, goal, begin)}${native}
const [verb, ...command] = process.argv.slice(2);
`;
};
