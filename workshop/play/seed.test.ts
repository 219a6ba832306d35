// What a learner begins with comes out of the steps, works as far as the step before, and is the finished step once it
// is filled in.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { checksFor } from "../../checks/all.ts";
import { runCheck, skipReason, type Verdict } from "../../checks/run.ts";
import { asOneFile } from "../../checks/steps.ts";
import { repository } from "../../lib/paths.ts";
import { inOrder } from "../check/course.ts";
import { bundled } from "../check/programs.ts";
import { stepNames } from "../words.ts";
import { beginning, type Files, playOf, solution } from "./seed.ts";

const steps = stepNames().map((name, i) => ({ name, number: i + 1 }));

mkdirSync(join(repository, "playground"), { recursive: true });
const place = mkdtempSync(join(repository, "playground", ".test-"));
afterAll(() => rmSync(place, { recursive: true }));

function write(files: Files, directory: string): string {
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return join(directory, "main.ts");
}

/** The program without anything of where its files lie. */
const essence = (main: string): string =>
  buildSync({ ...asOneFile(main), minify: true, write: false }).outputFiles[0]!.text;

describe.each(steps)("step $number", ({ name, number }) => {
  const directory = join(place, name);
  const main = write(beginning(name, directory), directory);

  test("with the solution it is the finished step", () => {
    const finished = join(place, `${name}-finished`);
    const solved = essence(write(solution(name, finished), finished));
    expect(solved).toBe(essence(join(repository, "steps", name, "main.ts")));
    expect(solved).not.toBe(essence(main));
  });

  test("between 10 and 50 lines are left to the learner", () => {
    const lines = (files: Files) =>
      Object.values(files)
        .join("\n")
        .split("\n")
        .filter((line) => !/^\s*(\/\/|$)/.test(line));
    const [begun, finished] = [lines(beginning(name, directory)), lines(solution(name, directory))];
    const missing = finished.filter((line) => !begun.includes(line)).length;
    expect(missing).toBeGreaterThanOrEqual(number === 2 ? 5 : 10);
    expect(missing).toBeLessThanOrEqual(50);
  });

  test("its TODOs are there, each once", () => {
    const text = Object.values(beginning(name, directory)).join("\n");
    const numbers = [...text.matchAll(/\/\/ TODO (\d+):/g)].map(([, each]) => Number(each));
    expect(numbers.sort((a, b) => a - b)).toEqual(playOf(name).tasks.map((_, i) => i + 1));
  });

  test("its lesson lists the TODOs, where it says that it does", () => {
    const lesson = readFileSync(join(repository, "lessons", `${name}.md`), "utf8");
    const [, after] = lesson.split("The TODOs are numbered");
    if (after === undefined) return expect(number).toBeGreaterThanOrEqual(6); // told of there as one idea each
    const items = after.split(/\n(?=[A-Z#])/)[0]!.match(/^\d+\. /gm);
    expect(items).toHaveLength(playOf(name).tasks.length);
  });

  test("what it begins with passes the step before, and fails as expected", {
    timeout: 120_000,
  }, async () => {
    const before = number > 1 ? inOrder(await checksFor(number - 1), number - 1) : [];
    const program = bundled(main, number - 1);
    const asked = before.filter((check) => !skipReason(check, program));
    const some = asked.filter((_, i) => i % Math.ceil(asked.length / 6) === 0);
    const verdicts = some.map((check) => runCheck(check, program));
    expect(
      (await Promise.all(verdicts)).map(({ hint }, i) => hint && `${some[i]!.title}: ${hint}`).join(""),
    ).toBe("");
    const [first, own] = inOrder(await checksFor(number), number);
    const failed = (await failure(first!)) ?? (await failure(own!));
    // Not because it cannot run: a word not known yet, or a fact about the kernel not so yet.
    expect(failed?.output.stderr ?? "nothing failed").toMatch(/^(box: unknown option --[^\n]*\n)?$/);
    expect(failed?.hint).not.toMatch(/still running|Error/);

    async function failure(check: NonNullable<typeof first>): Promise<Verdict | undefined> {
      const verdict = await runCheck(check, bundled(main, number));
      return verdict.holds ? undefined : verdict;
    }
  });
});

test("all of it type-checks, and so does a start from nothing", () => {
  for (const { name } of steps) {
    const directory = join(place, `${name}-empty`);
    write(beginning(name, directory, "empty"), directory);
  }
  const config = {
    extends: join(repository, "tsconfig.json"),
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: [`${place}/*/*.ts`],
  };
  writeFileSync(join(place, "tsconfig.json"), JSON.stringify(config));
  const { stdout } = spawnSync(join(repository, "node_modules/.bin/tsc"), ["-p", place], {
    encoding: "utf8",
  });
  expect(stdout).toBe("");
});
