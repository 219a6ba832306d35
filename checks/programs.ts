// The programs that are checked: every step, and the runtimes of the real world through their adapters.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bwrap } from "./adapters/bwrap.ts";
import { crun } from "./adapters/crun.ts";
import { runc } from "./adapters/runc.ts";

export interface Program {
  name: string;
  /** Checks up to this step hold for it. */
  step: number;
  /** Its command line for `run [options] COMMAND…`. `dir` is a place for files of its own. */
  start: (args: string[], dir: string) => string[];
  /** True when it is to be given `--rootfs`. */
  takesRoot: boolean;
  /** What it does not do by design, and why: option or feature → reason. */
  lacks: Record<string, string>;
  cleanUp?: (dir: string) => void;
}

const ROOT = join(import.meta.dirname, "..");
const FIRST_WITH_ROOT = 4;

/** A program that speaks the steps' own command line. */
export const program = (name: string, step: number, words: string[]): Program => ({
  name,
  step,
  start: (args) => [...words, ...args],
  takesRoot: step >= FIRST_WITH_ROOT,
  lacks: {},
});

/** Node itself, not the tsx command: that is two processes, and a signal would reach the wrong one. */
export const typescript = (file: string) => [process.execPath, "--import", import.meta.resolve("tsx"), file];

/** Every step that is there, in order. */
export const steps = () =>
  list(join(ROOT, "steps"))
    .filter((name) => existsSync(join(ROOT, "steps", name, "main.ts")))
    .map((name) =>
      program(`step ${name}`, Number.parseInt(name, 10), typescript(join(ROOT, "steps", name, "main.ts"))),
    );

/** The runtimes that are installed. */
export const runtimes = () => [crun, runc, bwrap].filter(({ name }) => isInstalled(name));

const isInstalled = (command: string) => {
  try {
    return execFileSync("sh", ["-c", `command -v ${command}`]).length > 0;
  } catch {
    return false;
  }
};

const list = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);
