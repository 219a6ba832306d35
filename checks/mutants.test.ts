// Proof that the checks teach: each typical mistake, made in a copy of a finished step, is seen by the check that
// should see it, which says what is wrong; and the step without it passes that check.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stop } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { repository } from "../lib/paths.ts";
import { checksFor } from "./all.ts";
import type { Check } from "./check.ts";
import { explain } from "./explain.ts";
import { type Mutant, mutated } from "./mutants/mutant.ts";
import { type Program, steps } from "./programs.ts";
import { runCheck, skipReason } from "./run.ts";
import { stepNames } from "./steps.ts";

const LEAST = 4;

// Below node_modules, where a bundle finds the addon's loader.
const place = mkdtempSync(join(repository, "node_modules", ".mutants-"));
afterAll(async () => {
  await stop();
  rmSync(place, { recursive: true });
});

const all = await checksFor(99);
const named = (title: string): Check => {
  const found = all.filter((each) => each.title.includes(title));
  if (found.length === 0) throw new Error(`no check says '${title}'`);
  return found[0]!;
};

/** What is shown of the check if it fails; skips the test where it cannot be made. */
async function complaint(check: Check, program: Program, skip: (reason: string) => void) {
  const reason = skipReason(check, program);
  if (reason) skip(reason);
  const verdict = await runCheck(check, program);
  return verdict.holds ? "nothing is wrong" : explain(check, program, verdict);
}

for (const [i, step] of stepNames().entries()) {
  const file = join(import.meta.dirname, "mutants", `${step}.ts`);
  const mutants: Mutant[] = existsSync(file) ? (await import(/* @vite-ignore */ file)).mutants : [];

  test(`step ${step} has mutants`, () => {
    expect(mutants.length).toBeGreaterThanOrEqual(LEAST);
    expect(new Set(mutants.map(({ mistake }) => mistake)).size).toBe(mutants.length);
  });

  describe.concurrent(`step ${step}, but`, () => {
    for (const [n, { mistake, edits, caughtBy, hint }] of mutants.entries())
      test(`${mistake}: caught`, async ({ skip }) => {
        const program = await mutated(step, edits, join(place, `${step}-${n}`));
        expect(await complaint(named(caughtBy), program, skip)).toMatch(hint);
      });
  });

  describe.concurrent(`step ${step} itself`, () => {
    for (const title of new Set(mutants.map(({ caughtBy }) => caughtBy)))
      test(`${title}: passes`, async ({ skip }) => {
        expect(await complaint(named(title), steps()[i]!, skip)).toBe("nothing is wrong");
      });
  });
}

test("no file of mutants is left over", () => {
  const names = readdirSync(join(import.meta.dirname, "mutants")).filter((name) => /^\d\d/.test(name));
  expect(names.filter((name) => !stepNames().includes(name.slice(0, -3)))).toEqual([]);
});
