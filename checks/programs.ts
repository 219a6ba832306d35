// The programs that are checked: every step, and the runtimes of the real world through their adapters.
import { execFileSync } from "node:child_process";
import { bwrap } from "./adapters/bwrap.ts";
import { crun } from "./adapters/crun.ts";
import { podman } from "./adapters/podman.ts";
import { runc } from "./adapters/runc.ts";
import { stepCommand, stepNames } from "./steps.ts";

export interface Program {
  name: string;
  /** Checks up to this step hold for it. */
  step: number;
  /** And from this one on, if not from the first. */
  since?: number;
  /** Its command line for `run [options] COMMAND…`. `dir` is a place for files of its own. */
  start: (args: string[], dir: string) => string[];
  /** True when it is to be given `--rootfs`. */
  takesRoot: boolean;
  /** What it does not do by design, and why: option or feature → reason. */
  lacks: Record<string, string>;
  /** Its command line to make a directory an image, where it has a store of its own. */
  makeImage?: (name: string, directory: string) => string[];
  cleanUp?: (dir: string) => void;
}

const FIRST_WITH_ROOT = 4;

/** A program that speaks the steps' own command line. */
export const program = (name: string, step: number, words: string[]): Program => ({
  name,
  step,
  start: (args) => [...words, ...args],
  takesRoot: step >= FIRST_WITH_ROOT,
  lacks: {},
});

/** Every step that is there, in order. */
export const steps = () =>
  stepNames().map((name) => program(`step ${name}`, Number.parseInt(name, 10), stepCommand(name)));

/** The runtimes that are installed. */
export const runtimes = () => [crun, runc, bwrap, podman].filter(({ name }) => isInstalled(name));

const isInstalled = (command: string) => {
  try {
    return execFileSync("sh", ["-c", `command -v ${command}`]).length > 0;
  } catch {
    return false;
  }
};
