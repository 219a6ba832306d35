// The process that runs a step.
import { readFileSync } from "node:fs";
import { perform, setParentDeathSignal } from "../native/index.ts";

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
