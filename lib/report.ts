// How a step ends when something went wrong: one line, and the exit status docker and env(1) would give.
import { writeSync } from "node:fs";
import { constants } from "node:os";
import type { SystemError } from "../native/index.ts";
import { hint } from "./hints.ts";

/** Exit statuses of our own; the command's are passed on. */
export const FAILED = 125;
const CANNOT_EXECUTE = 126;
const NOT_FOUND = 127;

/** What the user gave cannot be used: says what was expected, what came and what to do. */
export class UsageError extends Error {}

/** Prints the error as one line and ends the process. Anything we did not foresee keeps its stack: it is a bug. */
export function reportAndExit(error: unknown): never {
  const { code, syscall } = error as SystemError;
  if (code === "EPIPE" && syscall === "write") process.exit(128 + constants.signals.SIGPIPE); // the reader has left
  tell(error as SystemError);
  process.exit(exitStatus(error as SystemError));
}

/**
 * Does `work` when this process ends. If it fails, that is told, unless a failure of ours has been told already, and what
 * else there is to do at the end is done all the same: an error thrown there would end everything, with a stack.
 */
export function atExit(work: () => void): void {
  process.on("exit", (status) => {
    try {
      work();
    } catch (error) {
      if (status !== FAILED) tell(error as SystemError);
      process.exitCode = FAILED;
    }
  });
}

function tell(error: SystemError): void {
  writeSync(2, `box: ${error instanceof UsageError ? oneLine(error.message) : describe(error)}\n`);
}

function describe(error: SystemError): string {
  if (error.syscall === undefined) return error.stack ?? String(error);
  // A command that cannot be run is the user's affair; any other failed call is one of ours, and where matters.
  const ours = error.step !== undefined && !error.syscall.startsWith("exec");
  const place = ours ? ` (call ${error.step! + 1} of ${error.steps}, in the box)` : "";
  const cause = hint(error);
  return oneLine(error.message) + place + (cause ? `: ${cause}` : "");
}

function exitStatus(error: SystemError): number {
  if (!error.syscall?.startsWith("exec")) return FAILED;
  return error.code === "ENOENT" || error.code === "ENOTDIR" ? NOT_FOUND : CANNOT_EXECUTE;
}

/** What was given may hold line ends and worse: shown as `\n`. */
const oneLine = (text: string): string =>
  text.replace(/[\0-\x1f\x7f]/g, (each) => JSON.stringify(each).slice(1, -1));
