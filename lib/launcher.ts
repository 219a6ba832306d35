// The process that runs a step.
import { readFileSync } from "node:fs";
import { perform, type Signal, setParentDeathSignal } from "../native/index.ts";

/**
 * The tsx command is a process of its own that starts ours. kill -9 can hit it alone, and we would go on with
 * nobody to stop us: so we end with it. Under plain node, or node --import tsx, there is no such parent.
 */
export function dieWithTsx(): void {
  if (!process.execArgv.some((arg) => arg.includes("tsx") && arg.includes("preflight"))) return;
  perform(setParentDeathSignal("SIGKILL"));
  if (!isTsx(process.ppid)) process.exit(125); // it was killed before we asked
}

function isTsx(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("tsx");
  } catch {
    return false;
  }
}

/** What a user or the system sends to have the box stop, reload, or fit the window. */
export const signals: Signal[] = [
  ...(["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"] as const),
  ...(["SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"] as const),
];

const held: Signal[] = [];
let take = (signal: Signal): void => void held.push(signal);
let holding = false;

/** From now on signals wait for the box: one that ended us halfway would leave what we have set up. */
export function holdSignals(): void {
  if (holding) return;
  holding = true;
  // One listener for good: libuv forgets a signal that has arrived for a listener taken away since.
  for (const signal of signals) process.on(signal, (name) => take(name));
}

/** The box is there: `taker` gets the signals to come, and those held once the caller is through, with resume() too. */
export function handOverSignals(taker: (signal: Signal) => void): void {
  holdSignals();
  take = taker;
  setImmediate(() => held.splice(0).forEach(taker));
}
