// The demo as a speaker has it: a real tmux in a real terminal, on a stage.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { test as base, describe, expect } from "vitest";
import { makeStore } from "../lessons/check.ts";
import { whatLacks } from "../lessons/needs.ts";
import { type Stage, setStage } from "../lessons/stage.ts";
import { cuesOf } from "./cues.ts";
import { paced, record } from "./record.ts";
import { watchDemo } from "./testing.ts";

const TALK = "workshop/demo/fixture/00-talk.md";
const SLOW = { timeout: 300_000 }; // typed at a speaker's pace
const lack = whatLacks(["root", "tmux"]);

const test = base.extend<{ stage: Stage }>({
  stage: async ({ skip }, use) => {
    if (lack) skip(lack);
    const store = await makeStore();
    const stage = await setStage(store);
    await use(stage);
    await stage.close();
    rmSync(store, { recursive: true });
  },
});

const runOn = (stage: Stage, command: string[], input = "") => {
  const [program, ...args] = stage.enter(command);
  return spawnSync(program!, args, { env: stage.env, encoding: "utf8", input });
};
const demo = (stage: Stage, ...args: string[]) => runOn(stage, ["tsx", "workshop/demo/demo.ts", ...args]);

describe("a rehearsal", () => {
  test("a lesson that holds", SLOW, async ({ stage }) => {
    const { stdout, stderr, status } = demo(stage, TALK, "--auto", "--fast");
    expect(stdout + stderr).toBe(`${TALK}: 6 of 6 as it says\n`);
    expect(status).toBe(0);
    expect(await stage.traces()).toEqual([]);
  });

  test(
    "a line exactly as wide as the window: the cursor waits in an empty row below it",
    SLOW,
    async ({ stage }) => {
      const wide = (command: string) => `$ ${`${command} #`.padEnd(118, ".")}\n`;
      const lines = `${wide("echo one; echo two")}one\ntwo\n${wide("true")}${wide("echo three")}three\n`;
      runOn(stage, ["sh", "-c", "cat >/tmp/wide.md"], `\`\`\`console\n${lines}\`\`\`\n`);
      expect(demo(stage, "/tmp/wide.md", "--auto", "--fast").stdout).toContain("3 of 3 as it says\n");
    },
  );

  test("a lesson that does not", SLOW, async ({ stage }) => {
    const wrong = "```console\n$ echo one\ntwo\n$ echo three\nthree\n```\n";
    runOn(stage, ["sh", "-c", "cat >/tmp/wrong.md"], wrong);
    const { stdout, status } = demo(stage, "/tmp/wrong.md", "--auto", "--fast");
    expect(stdout).toMatch(/wrong\.md:2: \$ echo one\n {2}from 'two' on it differs/);
    expect(stdout).toContain("1 of 2 as it says");
    expect(status).toBe(1);
  });

  test("what cannot be shown is said", ({ stage }) => {
    const node = [process.execPath, "--import", import.meta.resolve("tsx")];
    const without = runOn(stage, ["env", "PATH=/nowhere", ...node, "workshop/demo/demo.ts", TALK]);
    expect(without.stderr).toBe("box: no tmux in PATH: apt-get install tmux\n");
    expect(without.status).toBe(125);
    expect(demo(stage, "no-such-lesson").stderr).toMatch(/^box: expected one LESSON.*\n$/);
    expect(demo(stage, "no-such.md").stderr).toMatch(/^box: ENOENT: .*no-such\.md.*\n$/);
  });
});

describe("a talk", () => {
  test("Enter types a line, Enter runs it, and keys go to and fro", SLOW, async ({ stage }) => {
    const person = watchDemo(stage, TALK);
    await person.sees("Try it · The shell counts to two:");
    await person.sees("Enter types it");
    person.press("\r");
    await person.sees(/> done\n[\s\S]*Enter runs it/);
    expect(person.screen()).not.toMatch(/^one$/m);
    person.press("\r");
    await person.sees(/^one\ntwo\n\$/m);
    await person.sees("2 of 6");

    person.press("\r");
    await person.sees("box: $ tsx steps/03-pid");
    await person.sees("Enter runs it");
    person.press("b");
    await person.sees("1 of 6");
    person.press("s");
    await person.sees("2 of 6");
    person.press("r");
    await person.sees("1 of 6");
    await person.sees(/^── host ─+\n\$\n\n/m);
    expect(person.screen()).not.toContain("── box");
    person.press("q");
    expect(await person.ended).toBe(0);
    expect(await stage.traces()).toEqual([]);
  });

  test(
    "Ctrl-C in the middle, a closed window, SIGTERM, SIGKILL: nothing is left",
    SLOW,
    async ({ stage }) => {
      const toTheBox = async () => {
        const person = watchDemo(stage, TALK);
        await person.sees("1 of 6");
        person.press("s");
        await person.sees("2 of 6");
        person.press("\r");
        await person.sees("Enter runs it");
        person.press("\r");
        await person.sees(/^box$[\s\S]*3 of 6/m);
        return person;
      };
      const interrupted = await toTheBox();
      expect(await stage.traces()).toContainEqual(expect.stringMatching(/process: .*tmux/));
      interrupted.press("\x03");
      expect(await interrupted.ended).toBe(0);
      expect(await stage.traces()).toEqual([]);

      const closed = await toTheBox();
      closed.leave();
      await closed.ended;
      expect(await stage.traces()).toEqual([]);

      const [program, ...args] = stage.enter(["tsx", "workshop/demo/demo.ts", TALK, "--auto"]);
      const told = spawn(program!, args, { env: stage.env, stdio: "ignore" });
      await expect
        .poll(() => runOn(stage, ["pgrep", "-f", "sleep|read x"]).status, { timeout: 60_000 })
        .toBe(0);
      runOn(stage, ["pkill", "-TERM", "-f", "^node .*demo.ts"]);
      expect((await once(told, "exit"))[0]).toBe(125);
      expect(await stage.traces()).toEqual([]);

      const killed = await toTheBox();
      runOn(stage, ["pkill", "-KILL", "-f", "demo/demo.ts"]);
      await killed.ended;
      await expect.poll(() => stage.traces(), { timeout: 30_000 }).toEqual([]);
    },
  );
});

describe("a recording", () => {
  base("is a cast of what was typed and shown", SLOW, async ({ skip }) => {
    if (lack) skip(lack);
    const text = await record(TALK);
    const [header, ...events] = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(header).toEqual({
      version: 2,
      width: 100,
      height: 34,
      title: "A talk",
      env: { TERM: "xterm-256color" },
    });
    const times = events.map(([at]) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(events.map(([, kind]) => kind))).toEqual(new Set(["o"]));
    const shown = events.map(([, , text]) => text).join("");
    for (const each of ["hostname; read x", "two", "Break it", "130"]) expect(shown).toContain(each);
  });

  base("waits where one reads, and not for the machine", () => {
    const typed = ["a", "b", "c", "d", "e"].map((letter, i) => `\x1b[3;${i + 3}H${letter}\x1b[9;1H`);
    const shown = [
      "Enter types it",
      ...typed,
      "Enter runs it",
      "x".repeat(1000),
      "Enter types it",
      "\x1b[?1049l",
      "bye",
    ];
    expect(paced(shown)).toEqual([
      { at: 0, text: "Enter types it" },
      { at: 1021, text: "\x1b[3;3Habcd\x1b[9;1H" },
      { at: 1161, text: "\x1b[3;7He\x1b[9;1HEnter runs it" },
      { at: 1796, text: `${"x".repeat(1000)}Enter types it` },
    ]);
  });
});

base("the cue of a transcript is its heading and the last sentence before it", () => {
  const text =
    "---\ntitle: x\n---\n\n# A\n\nOne. Two `is` [bold](x).\n\n```console\n$ 1\n```\n\n## B\n\n```console\n$ 2\n```\n";
  expect([...cuesOf(text)]).toEqual([
    [10, { heading: "A", sentence: "Two is bold." }],
    [16, { heading: "B", sentence: "" }],
  ]);
});
