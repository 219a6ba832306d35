// The learner's directory. What is in it is theirs: it is moved aside before anything takes its place.
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { repository } from "../../lib/paths.ts";
import { stepNames } from "../words.ts";
import { beginning, type Files, type Skeleton, solution } from "./seed.ts";

/** Where the learner writes. */
export const playground = process.env.PLAYGROUND ?? join(repository, "playground");

/** A path as the learner types it, from the repository. */
export const shown = (...names: string[]): string => relative(repository, join(playground, ...names));

// --- what is remembered ---

/** Which step is played, and when each step passed all its checks. */
export type Progress = { playing?: string; passed: Record<string, string> };

const PROGRESS = "progress.json";

/** What is remembered; nothing, where the file is missing or broken. */
export function progress(): Progress {
  try {
    const { playing, passed = {} } = JSON.parse(readFileSync(join(playground, PROGRESS), "utf8"));
    return { playing: stepNames().find((each) => each === playing), passed };
  } catch {
    return { passed: {} }; // not there yet, or not JSON any more: nothing is lost but the ticks
  }
}

/** Writes it down, with these changes. */
export const remember = (change: Partial<Progress>): void =>
  write(PROGRESS, `${JSON.stringify({ ...progress(), ...change }, null, 2)}\n`);

/** Remembers that the step has passed all its checks, and when. */
export const notePassed = (step: string): void =>
  remember({ passed: { ...progress().passed, [step]: new Date().toISOString() } });

// --- the files ---

const SAVED = "saved";
const SOLUTION = "solution";
const TSCONFIG = "tsconfig.json";

// The editor knows the types, and does not mind that a name is not used yet.
const tsconfig = (): string =>
  JSON.stringify({
    extends: join(relative(playground, repository), "tsconfig.json"),
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ["*.ts"],
  });

/** The names of the learner's own files and directories. */
export const ownFiles = (): string[] =>
  existsSync(playground)
    ? readdirSync(playground).filter(
        (name) => ![SAVED, SOLUTION, TSCONFIG, PROGRESS].includes(name) && !name.startsWith("."),
      )
    : [];

/** Where what was there has gone, and whether what is there now is the learner's own of an earlier time. */
export type Switched = { savedTo: string | undefined; broughtBack: boolean };

/** Makes `step` the one that is played: as it was left, or from its beginning. */
export function switchTo(step: string, skeleton: Skeleton, fresh: boolean): Switched {
  const savedTo = putAside(progress().playing ?? "before");
  const earlier = fresh ? undefined : savesOf(step).at(-1);
  if (earlier) bringBack(earlier);
  else writeAll(beginning(step, playground, skeleton));
  rmSync(join(playground, SOLUTION), { recursive: true, force: true }); // another step's
  write(TSCONFIG, tsconfig());
  remember({ playing: step });
  return { savedTo, broughtBack: earlier !== undefined };
}

/**
 * Writes the finished step beside the learner's files: each of theirs, and the one to compare it with. Its imports are
 * those of a file in the playground, into which it can be copied.
 */
export function showSolution(step: string): [own: string, finished: string][] {
  rmSync(join(playground, SOLUTION), { recursive: true, force: true });
  const files = solution(step, playground);
  writeAll(files, SOLUTION);
  return Object.keys(files).map((name) => [shown(name), shown(SOLUTION, name)]);
}

function putAside(name: string): string | undefined {
  if (ownFiles().length === 0) return undefined;
  const last = Number(savesOf(name).at(-1)?.split(".").at(-1) ?? 0);
  const place = join(SAVED, `${name}.${last + 1}`);
  mkdirSync(join(playground, place), { recursive: true });
  for (const file of ownFiles()) renameSync(join(playground, file), join(playground, place, file));
  own(SAVED);
  own(place);
  return shown(place);
}

function bringBack(place: string): void {
  const from = join(playground, SAVED, place);
  for (const file of readdirSync(from)) renameSync(join(from, file), join(playground, file));
  rmSync(from, { recursive: true });
}

/** What was put aside of a step, the oldest first: `05-cgroups.1` … */
function savesOf(step: string): string[] {
  const place = join(playground, SAVED);
  if (!existsSync(place)) return [];
  const numberOf = (name: string) => Number(name.split(".").at(-1));
  return readdirSync(place)
    .filter((name) => name.startsWith(`${step}.`))
    .sort((a, b) => numberOf(a) - numberOf(b));
}

function writeAll(files: Files, directory = "."): void {
  for (const [name, text] of Object.entries(files)) write(join(directory, name), text);
}

function write(name: string, text: string): void {
  const directory = join(playground, name, "..");
  if (!existsSync(directory)) {
    mkdirSync(directory, { recursive: true });
    own(join(name, ".."));
  }
  writeFileSync(join(playground, name), text);
  own(name);
}

/** Under sudo too, files in the playground belong to whoever owns the repository. */
function own(name: string): void {
  const { uid, gid } = statSync(repository);
  if (process.getuid?.() === 0 && uid !== 0) chownSync(join(playground, name), uid, gid);
}
