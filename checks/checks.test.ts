// Every check on every program: the steps, and the runtimes of the real world.
import { describe, expect, test } from "vitest";
import { checksFor } from "./all.ts";
import { explain } from "./explain.ts";
import { runtimes, steps } from "./programs.ts";
import { runCheck, skipReason } from "./run.ts";

for (const program of [...steps(), ...runtimes()]) {
  const checks = (await checksFor(program.step)).filter(({ since }) => since >= (program.since ?? 1));
  describe.concurrent(program.name, () => {
    for (const check of checks) {
      test(check.title, async ({ skip }) => {
        const reason = skipReason(check, program);
        if (reason) skip(reason);
        const verdict = await runCheck(check, program);
        if (!verdict.holds) expect.fail(explain(check, program, verdict));
      });
    }
  });
}
