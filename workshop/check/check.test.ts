// What npm run check says of right and of wrong programs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { comesTrue } from "../../checks/check.ts";
import { stepCommand } from "../../checks/steps.ts";
import { repository } from "../../lib/paths.ts";
import { solution } from "../play/seed.ts";
import { check, command, place, script } from "./testing.ts";

/** A playground with `main` as its program, at step 1. */
function playgroundOf(name: string, main: string): string {
  const directory = join(place, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "main.ts"), main);
  writeFileSync(
    join(directory, "tsconfig.json"),
    `{ "extends": "${repository}/tsconfig.json", "include": ["*.ts"] }`,
  );
  writeFileSync(join(directory, "progress.json"), JSON.stringify({ playing: "01-exec", passed: {} }));
  return directory;
}

const json = ({ stdout }: { stdout: string }) => JSON.parse(stdout);

describe("what it says", () => {
  const finished = join(place, "finished");
  beforeAll(() => {
    const files = solution("01-exec", finished);
    playgroundOf("finished", files["main.ts"]!);
    writeFileSync(join(finished, "exec.ts"), files["exec.ts"]!);
  });

  test("all hold: what comes next, and it is remembered", async () => {
    const { status, stdout } = await check([], finished);
    expect(stdout).toMatch(/^✓ step 1: all \d\d checks hold for .*main\.ts\n/);
    expect(stdout).toContain("next: npm run play 2");
    expect(status).toBe(0);
    expect(JSON.parse(readFileSync(join(finished, "progress.json"), "utf8")).passed["01-exec"]).toMatch(
      /^20\d\d-/,
    );
  });

  test("one failure: what was expected, why, what was run and seen, where to read", async () => {
    const { status, stdout } = await check(["1", "--program", script("forgets", 'shift; "$@"; exit 0')]);
    expect(stdout.match(/✗/g)).toHaveLength(1);
    expect(stdout).toMatch(/✗ a command that exits with 3 makes the run exit with 3 {2}\(since step 1\)/);
    for (const said of [
      "The run ended with 0.",
      "forgets: run sh -c 'exit 3'",
      "exit status: 0",
      "read: lessons/01-exec.md, man",
    ])
      expect(stdout).toContain(said);
    expect(status).toBe(1);
  });

  test("--all: every failure", async () => {
    const { status, stdout } = await check([
      "1",
      "--all",
      "--program",
      script("waits", 'shift; "$@" && exit'),
    ]);
    expect(stdout.match(/✗/g)!.length).toBeGreaterThan(3);
    expect(stdout).toMatch(/\d+ hold, \d+ not, 0 to come/);
    expect(status).toBe(1);
  });

  test("--json: the same as data", async () => {
    const program = script("mixes", 'shift; "$@" 2>&1');
    const data = json(await check(["1", "--json", "--program", program]));
    expect(data).toMatchObject({ step: 1, program, holds: false });
    expect(data.checks[0]).toEqual({ since: 1, title: "runs the command", kind: "holds" });
    const fails = { kind: "fails", since: 1, hint: expect.any(String), args: ["run", expect.any(String)] };
    expect(data.checks.at(-1)).toMatchObject(fails);
  });

  test("what does not parse is told with its line; what does not fit, by the compiler", async () => {
    const broken = await check([], playgroundOf("broken", "const x = 1;\nconst = 2;\n"));
    expect(broken).toMatchObject({ status: 1, stderr: "" });
    expect(broken.stdout).toMatch(/^✗ .*main\.ts:2:7: Expected identifier/);
    const wrong = await check([], playgroundOf("wrong", 'const n: number = "1";\nconsole.log(n);\n'));
    expect(wrong.stdout).toMatch(/types: main\.ts\(1,7\): error TS2322/);
  });

  test("a stack trace has the learner's lines", async () => {
    const { stdout } = await check([], playgroundOf("throws", '\n\nthrow new Error("mine");\n'));
    expect(stdout).toMatch(/Error: mine\n\s+at .*throws\/main\.ts:3:7/);
  });

  test.each([
    [["99"], "a step from 1 to"],
    [["1", "2"], "one step"],
    [["--banana"], "--banana"],
    [["1", "--program", "'"], "a command line"],
    [[], "npm run play 1"],
    [["1"], "npm run play 1"],
  ])("%j is answered by one line", async (args, said) => {
    const empty = join(place, "nothing");
    const { status, stdout, stderr } = await check(args, empty);
    expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
    expect(stderr).toMatch(/^box: [^\n]+\n$/);
    expect(stderr).toContain(said);
  });

  test("--program: any language, words as a shell reads them", async () => {
    const [node, ...words] = stepCommand("02-uts");
    const program = [node, ...words].map((word) => `'${word}'`).join(" ");
    expect(json(await check(["2", "--json", "--program", program]))).toMatchObject({ step: 2, holds: true });
  });

  test("--watch: again after a save", async () => {
    const directory = playgroundOf("watched", "process.exit(3);\n");
    const env = { ...process.env, PLAYGROUND: directory };
    const child = spawn(command[0]!, [...command.slice(1), "--watch"], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    expect(await comesTrue(() => said.includes("exit status: 3"), 60)).toBe(true);
    expect(await comesTrue(() => said.includes("to come"), 60)).toBe(true);
    writeFileSync(join(directory, "main.ts"), "process.exit(4);\n");
    expect(await comesTrue(() => said.includes("exit status: 4"), 60)).toBe(true);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
  });
});
