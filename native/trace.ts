// --trace: every call as strace(1) would write it, and on which side of clone it was made.
import { writeSync } from "node:fs";
import type { Call } from "./call.ts";
import { errorOf } from "./errors.ts";

let tracing = false;

/** From now on every call is written to standard error. */
export function startTrace(): void {
  tracing = true;
}

/** Writes a call the parent made. */
export const traceHost = (name: string, args: string, result: number): void =>
  line("host", `${name}(${args}) = ${outcome(name, result)}`);

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
  const end = inside < 0 ? calls.length : inside + Number(out);
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
