// Says after a test run what was not tested, and why: vitest's own reporter keeps the reasons to itself.
import type { Reporter, TestCase } from "vitest/node";

const reasons = new Map<string, number>();

export const skipped: Reporter = {
  onTestCaseResult(test: TestCase) {
    const result = test.result();
    if (result.state !== "skipped") return;
    const reason = result.note ?? `no reason given: ${test.fullName}`;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  },
  onTestRunEnd() {
    for (const [reason, count] of reasons) console.log(`skipped ${String(count).padStart(3)}  ${reason}`);
  },
};
