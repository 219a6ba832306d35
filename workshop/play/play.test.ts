// npm run play: what it sets up comes out of the steps, works as far as the step before, and is the finished step once
// it is filled in. What the learner has written stays theirs.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { checksFor } from "../../checks/all.ts";
import { runCheck, skipReason, type Verdict } from "../../checks/run.ts";
import { asOneFile } from "../../checks/steps.ts";
import { repository } from "../../lib/paths.ts";
import { inOrder } from "../check/course.ts";
import { bundled } from "../check/programs.ts";
import { stepNames } from "../words.ts";
import { cutOut } from "./module.ts";
import { beginning, type Files, playOf, solution } from "./seed.ts";

const steps = stepNames().map((name, i) => ({ name, number: i + 1 }));

mkdirSync(join(repository, "playground"), { recursive: true });
const place = mkdtempSync(join(repository, "playground", ".test-"));
// As JavaScript it starts in a tenth of the time; two levels down it finds the repository.
const command = join(repository, "playground", `.test-${process.pid}.mjs`);
buildSync({ ...asOneFile(join(import.meta.dirname, "play.ts")), outfile: command });
afterAll(() => {
  for (const each of [place, command]) rmSync(each, { recursive: true });
});

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
  }, async ({ skip }) => {
    const before = number > 1 ? inOrder(await checksFor(number - 1), number - 1) : [];
    const program = bundled(main, number - 1);
    const asked = before.filter((check) => !skipReason(check, program));
    const some = asked.filter((_, i) => i % Math.ceil(asked.length / 6) === 0);
    const verdicts = some.map((check) => runCheck(check, program));
    expect(
      (await Promise.all(verdicts)).map(({ hint }, i) => hint && `${some[i]!.title}: ${hint}`).join(""),
    ).toBe("");
    const [first, own] = inOrder(await checksFor(number), number);
    if (own!.since !== number) skip(`step ${number} has no checks yet`);
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

describe("a function is cut out", () => {
  const cut = (text: string) => cutOut(text, "f", 1, "Do it.");

  test("its comments stay, as the reasons", () => {
    const text = "const f = (): Recipe => [\n  // Why.\n  one(),\n  two(), // And why.\n];\nconst g = 1;";
    expect(cut(text)).toBe(
      "const f = (): Recipe => [\n  // TODO 1: Do it.\n\n  // Why.\n\n  // And why.\n];\nconst g = 1;",
    );
  });

  test.each([
    ["const f = () => [one()];", "const f = () => [\n  // TODO 1: Do it.\n];"],
    ["const f = () => one();", 'const f = () => {\n  // TODO 1: Do it.\n  throw new Error("TODO 1: f");\n};'],
    [
      "const f = () =>\n  one();",
      'const f = () => {\n  // TODO 1: Do it.\n  throw new Error("TODO 1: f");\n};',
    ],
    [
      "export function f({\n  a,\n}: A): B {\n  one();\n\n  two();\n}",
      'export function f({\n  a,\n}: A): B {\n  // TODO 1: Do it.\n  throw new Error("TODO 1: f");\n}',
    ],
  ])("%j", (text, expected) =>
    expect(cut(`${text}\n\nconst g = 1;\n`)).toBe(`${expected}\n\nconst g = 1;\n`),
  );

  test("one that is not there is an error", () => {
    expect(() => cut("const g = 1;")).toThrow("no function f");
  });
});

describe("npm run play", () => {
  let playground: string;
  beforeEach(() => {
    playground = mkdtempSync(join(place, "playground-"));
  });
  afterEach(() => rmSync(playground, { recursive: true }));

  const play = (...args: string[]) => {
    const env = { ...process.env, PLAYGROUND: playground, NODE_EXTRA_CA_CERTS: undefined };
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
      env,
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };
  const mine = (name: string) => readFileSync(join(playground, name), "utf8");

  test("sets a step up, and says what to do", () => {
    const { status, stdout } = play("2");
    expect(status).toBe(0);
    for (const said of ["Step 2: ", "uts.ts", "2 TODOs", "lessons/02-uts.md", "npm run check 2"])
      expect(stdout).toContain(said);
    expect(readdirSync(playground).sort()).toEqual(["main.ts", "progress.json", "tsconfig.json", "uts.ts"]);
  });

  test("overwrites nothing: what was there is put aside, and comes back", () => {
    writeFileSync(join(playground, "main.ts"), "// not ours\n");
    expect(play("2").stdout).toContain("saved/before.1");
    writeFileSync(join(playground, "uts.ts"), "// my work\n");
    writeFileSync(join(playground, "more.ts"), "// of my own\n");
    play("2");
    expect(mine("uts.ts")).toBe("// my work\n");

    expect(play("3").stdout).toContain("saved/02-uts.1");
    expect(readdirSync(playground)).not.toContain("uts.ts");
    expect(play("2").stdout).toContain("your own of last time");
    expect([mine("uts.ts"), mine("more.ts")]).toEqual(["// my work\n", "// of my own\n"]);
    expect(mine("saved/before.1/main.ts")).toBe("// not ours\n");
  });

  test("--reset begins anew, and keeps what was there", () => {
    play("2");
    writeFileSync(join(playground, "uts.ts"), "// my work\n");
    expect(play("--reset").stdout).toContain("saved/02-uts.1");
    expect(mine("uts.ts")).toContain("TODO 2");
    expect(mine("saved/02-uts.1/uts.ts")).toBe("// my work\n");
    writeFileSync(join(playground, "uts.ts"), "// my second work\n");
    expect(play("2", "--reset").stdout).toContain("saved/02-uts.2");
    expect(mine("saved/02-uts.1/uts.ts")).toBe("// my work\n");
  });

  test("--solution shows the difference, beside the learner's own", () => {
    play("2");
    const before = mine("uts.ts");
    const { stdout } = play("--solution");
    expect(stdout).toContain("+  sethostname(hostname),");
    expect(mine("uts.ts")).toBe(before);
    expect(mine("solution/uts.ts")).toContain("sethostname(hostname)");
  });

  test("--skeleton empty has only the addon, and does not replace what is there", () => {
    expect(play("2", "--skeleton", "empty").status).toBe(0);
    expect(mine("main.ts")).not.toContain("TODO");
    expect(mine("main.ts")).toContain("native/index.ts");
    expect(play("2", "--skeleton", "todo")).toMatchObject({ status: 125, stdout: "" });
  });

  test("--list shows where one is", () => {
    play("2");
    writeFileSync(
      join(playground, "progress.json"),
      JSON.stringify({ playing: "02-uts", passed: { "01-exec": "2026-01-02T03:04:05.678Z" } }),
    );
    const lines = play("--list").stdout.split("\n");
    expect(lines[0]).toMatch(/^✓ 1: .*passed 2026-01-02 03:04/);
    expect(lines[1]).toMatch(/^→ 2: .*you are here/);
    expect(lines[2]).toMatch(/^ {2}3: /);
  });

  test.each([
    [["99"], "a step from 1 to"],
    [["banana"], "got 'banana'"],
    [["05-net"], "got '05-net'"],
    [["1", "2"], "one step"],
    [["--banana"], "--banana"],
    [["--skeleton", "full"], "todo or empty"],
  ])("%j is answered by one line", (args, said) => {
    const { status, stdout, stderr } = play(...args);
    expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
    expect(stderr).toMatch(/^box: [^\n]+\n$/);
    expect(stderr).toContain(said);
    expect(readdirSync(playground)).toEqual([]);
  });

  test("a word of npm's own is ours as well: npm run play 2 --reset", () => {
    play("2");
    writeFileSync(join(playground, "uts.ts"), "// my work\n");
    process.env.npm_config_reset = "true";
    try {
      expect(play("2").stdout).toContain("saved/02-uts.1");
    } finally {
      delete process.env.npm_config_reset;
    }
  });
});
