// Ctrl-C and its like, for a command that has to clear away what it began.
import { constants } from "node:os";

export const STOPS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Aborted when somebody ends the command; `reason` makes the error of the signal's name. */
export function stopSignal(reason: (signal: string) => Error): AbortSignal {
  const stop = new AbortController();
  for (const name of STOPS) process.on(name, () => stop.abort(reason(name)));
  return stop.signal;
}

/** The same end for a command that clears away in `process.on("exit")`. */
export function exitWhenStopped(): void {
  for (const name of STOPS) process.on(name, () => process.exit(128 + constants.signals[name]));
}
