// --trace: every call as strace(1) would write it, and on which side of clone it was made.
import { writeSync } from "node:fs";
import { constants as os } from "node:os";
import type { End } from "./addon.ts";
import { type Call, flagNames, isFatal } from "./call.ts";
import { cloneFlags } from "./constants.ts";
import { errorOf } from "./errors.ts";

let tracing = false;

/** From now on every call is written to standard error. */
export function startTrace(): void {
  tracing = true;
}

/** Writes a call the parent made. */
export const traceHost = (name: string, args: string, result: number): void =>
  line("host", `${name}(${args}) = ${outcome(name, result)}`);

/** Writes a program the parent ran, as a shell would be given it. */
export const traceTool = (command: string): void => line("host", `$ ${command}`);

/** Writes the clone3(2) that made `pid`. */
export function traceClone(flags: number, cgroup: number | undefined, pid: number): void {
  const all = flags + cloneFlags.CLONE_VM + cloneFlags.CLONE_PIDFD + cloneFlags.CLONE_CLEAR_SIGHAND;
  const names = flagNames(cgroup === undefined ? all : all + cloneFlags.CLONE_INTO_CGROUP, cloneFlags);
  const into = cgroup === undefined ? "" : `, cgroup=${cgroup}`;
  traceHost("clone3", `{flags=${names}, exit_signal=SIGCHLD, stack_size=0x10000${into}}, 88`, pid);
}

const [CLD_EXITED, ends] = [1, ["CLD_EXITED", "CLD_KILLED", "CLD_DUMPED"]];

/** Writes the waitid(2) that told how the child ended. */
export function traceEnd(pidfd: number, { code, status }: End, options: string): void {
  const value = code === CLD_EXITED ? status : signalName(status);
  const info = `{si_code=${ends[code - CLD_EXITED]}, si_status=${value}}`;
  traceHost("waitid", `P_PIDFD, ${pidfd}, ${info}, ${options}, NULL`, 0);
}

/** As a shell gives it: 0–255, or 128 + the signal. */
export const exitStatus = ({ code, status }: End): number => (code === CLD_EXITED ? status : 128 + status);

const signalName = (number: number): string =>
  Object.entries(os.signals).find(([, each]) => each === number)?.[0] ?? `SIGRT_${number - 32}`;

/**
 * Writes the calls of the child from `first` on, with their results, and returns the index of the next one.
 * When the child is `out` of our memory, the first without a result was the exec, or what it died in.
 */
export function traceBox(
  calls: Call[],
  results: (number | undefined)[],
  first: number,
  out: boolean,
): number {
  const inside = results.indexOf(undefined);
  const hasFailed = inside > 0 && isFatal(calls[inside - 1]!, results[inside - 1]!);
  const end = inside < 0 ? calls.length : inside + Number(out && !hasFailed);
  for (let i = first; i < end; i++) {
    const { name, text } = calls[i]!;
    const args = text.map((arg) => (typeof arg === "string" ? arg : results[calls.indexOf(arg)]));
    line("box", `${name}(${args.join(", ")}) = ${outcome(name, results[i])}`);
  }
  return end;
}

function line(side: string, text: string): void {
  if (tracing) writeSync(2, `${side.padEnd(4)} ${text}\n`);
}

function outcome(name: string, result: number | undefined): string {
  if (result === undefined) return name.startsWith("exec") ? "0" : "?";
  if (result < 0) return `-1 ${errorOf(result)[0]} (${errorOf(result)[1]})`;
  return name === "umask" ? `0${result.toString(8).padStart(2, "0")}` : String(result);
}
