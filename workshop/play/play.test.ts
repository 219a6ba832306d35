// npm run play: what the learner has written stays theirs.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { asOneFile } from "../../checks/steps.ts";
import { repository } from "../../lib/paths.ts";

mkdirSync(join(repository, "playground"), { recursive: true });
// As JavaScript it starts in a tenth of the time; two levels down it finds the repository.
const command = join(repository, "playground", `.test-${process.pid}.mjs`);
buildSync({ ...asOneFile(join(import.meta.dirname, "play.ts")), outfile: command });
afterAll(() => rmSync(command));

describe("npm run play", () => {
  let playground: string;
  beforeEach(() => {
    playground = mkdtempSync(join(repository, "playground", ".test-"));
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
    for (const [, path] of mine("solution/main.ts").matchAll(/ from "(\..*)";/g))
      expect(existsSync(join(playground, path!)), `copied into the playground, it imports ${path}`).toBe(
        true,
      );
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
