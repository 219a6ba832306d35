// Runs checks in the order in which a learner wants to know: does it run at all, what is new, what was there before.
import type { Check } from "../../checks/check.ts";
import type { Program } from "../../checks/programs.ts";
import { runCheck, type Stopped, skipReason, type Verdict } from "../../checks/run.ts";

export type Result = { check: Check } & (
  | { kind: "holds" }
  | { kind: "skipped"; reason: string }
  | { kind: "fails"; verdict: Verdict }
);

const AT_ONCE = 4; // they wait more than they work

// Seconds, on a busy machine as well. Some checks run several boxes, or wait for what does not happen to one.
const limitOf = ({ before, during, after }: Check): number => (before || during || after ? 30 : 8);

/** `all` as a course to `step`: the very first check, those of the step itself, then those of the steps before. */
export function inOrder(all: Check[], step: number): Check[] {
  const [first, ...rest] = all;
  const [own, earlier] = [true, false].map((isOwn) => rest.filter(({ since }) => (since === step) === isOwn));
  return [first!, ...own!, ...earlier!];
}

/** The results in the order of `checks`, each as soon as it is known; stops early when `signal` is aborted. */
export async function* results(
  checks: Check[],
  program: Program,
  signal: AbortSignal,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  const stopped: Stopped = new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve({ trouble: "It was given up." })),
  );
  try {
    for (const [i, check] of checks.entries()) {
      if (signal.aborted) return;
      running.push(resultOf(check, program, stopped));
      running.at(-1)!.catch(() => {}); // it is thrown where it is awaited
      // The first alone: if it hangs, they all do.
      if (i === 0 || running.length === AT_ONCE) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}

async function resultOf(check: Check, program: Program, stopped: Stopped): Promise<Result> {
  const reason = skipReason(check, program);
  if (reason) return { check, kind: "skipped", reason };
  const verdict = await runCheck(check, program, limitOf(check), stopped);
  return verdict.holds ? { check, kind: "holds" } : { check, kind: "fails", verdict };
}
