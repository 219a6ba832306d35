// Says after a test run what was not tested, and why: vitest's own reporter keeps the reasons to itself.
import type { Reporter, TestCase, Vitest } from "vitest/node";

const reasons = new Map<string, number>();
let asked: RegExp | undefined;

/** Whether a test was to run at all: `-t PATTERN` is matched with the names of its groups and its own, by blanks. */
const isAsked = ({ fullName }: TestCase) => asked?.test(fullName.replaceAll(" > ", " ")) ?? true;

export const skipped: Reporter = {
  onInit(vitest: Vitest) {
    asked = vitest.config.testNamePattern;
  },
  onTestCaseResult(test: TestCase) {
    const result = test.result();
    if (result.state !== "skipped" || !isAsked(test)) return;
    const reason = result.note ?? `no reason given: ${test.fullName}`;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  },
  onTestRunEnd() {
    for (const [reason, count] of reasons) console.log(`skipped ${String(count).padStart(3)}  ${reason}`);
  },
};
