// npm run check: what it says of right and of wrong programs, and that no program can hurt it or the host.
import { type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { comesTrue } from "../../checks/check.ts";
import { processes } from "../../checks/proc.ts";
import { openTerminal } from "../../checks/pty.ts";
import { stepCommand } from "../../checks/steps.ts";
import { repository } from "../../lib/paths.ts";
import { solution } from "../play/seed.ts";

mkdirSync(join(repository, "playground"), { recursive: true });
const place = mkdtempSync(join(repository, "playground", ".test-"));
afterAll(() => rmSync(place, { recursive: true }));

const tsx = ["--import", import.meta.resolve("tsx")];
const command = [process.execPath, ...tsx, join(import.meta.dirname, "check.ts")];

/** Runs the command to its end, with a playground of its own. */
async function check(args: string[], playground = place, options: SpawnOptions = {}) {
  const env = { ...process.env, PLAYGROUND: playground, NODE_EXTRA_CA_CERTS: undefined };
  const child = spawn(command[0]!, [...command.slice(1), ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, "exit"),
  ]);
  return { status, stdout, stderr };
}

/** A shell script as a program, by its command line. */
function script(name: string, body: string): string {
  const path = join(place, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

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

// Each does its worst in whatever check is made first. The host is looked at by vitest's globalSetup as well.
const HOSTILE: [what: string, body: string, said: RegExp][] = [
  ["writes without end", "yes", /wrote more than 64 MB/],
  ["writes without end on stderr", "yes >&2", /wrote more than 64 MB/],
  ["runs for ever", "while :; do :; done", /still running after 8 s/],
  ["ignores every signal", 'trap "" TERM INT HUP; while :; do sleep 100; done', /still running after 8 s/],
  ["is a fork bomb", "bomb() { bomb | bomb & }; bomb; sleep 100", /still running after 8 s|ended with/],
  [
    "leaves cgroups, with processes in them",
    "for c in $(find /sys/fs/cgroup -maxdepth 2 -name cgroup.procs -exec dirname {} \\;); do mkdir $c/left && { sleep 1000 & echo $! > $c/left/cgroup.procs; }; done 2>/dev/null; exit 1",
    /ended with 1/,
  ],
  [
    "freezes its own group",
    "for f in $(find /sys/fs/cgroup -name freezer.state); do echo FROZEN > $f; done; sleep 100",
    /still running after 8 s/,
  ],
  ["closes everything", "exec 0<&- 1>&- 2>&-; exit 0", /“echo hello” wrote "" and ended with 0/],
  ["ends at once", "kill -9 $$", /ended with 137/],
  ["stops", "kill -STOP $$", /still running after 8 s/],
  ["deletes its own directory", 'rm -rf "$(dirname "$0")"/*; exit 1', /ended with 1/],
  [
    "deletes the repository",
    `rm -rf '${repository}/steps' '${repository}/playground'; exit 1`,
    /ended with 1/,
  ],
  ["writes what moves a terminal's cursor", "printf '\\033[2J\\033c\\007'; exit 1", /\\x1b\[2J|\\u001b\[2J/],
  [
    "writes to the terminals there are",
    "for t in /dev/pts/[0-9]*; do echo GARBAGE > $t; stty -F $t raw; done; exit 1",
    /ended with 1/,
  ],
  ["mounts", "mount -t tmpfs none /mnt; mount -t tmpfs none /opt; exit 1", /ended with 1/],
  [
    "leaves interfaces and rules",
    "ip link add left type dummy; nft add table ip left; exit 1",
    /ended with 1/,
  ],
  [
    "leaves processes that ignore everything",
    'trap "" TERM; for i in 1 2 3; do setsid sh -c "sleep 4321" & done; exit 1',
    /ended with 1/,
  ],
];

describe.concurrent("a program that", () => {
  test.each(HOSTILE)(
    "%s: one line of what is wrong, and the host is as before",
    { timeout: 120_000 },
    async (what, body, said) => {
      const before = host();
      const program = script(what.replaceAll(/\W+/g, "-"), body);
      const { status, stdout, stderr } = await check(["1", "--program", program]);
      expect(stderr).toBe("");
      expect(stdout).toMatch(said);
      expect(stdout.match(/✗/g)).toHaveLength(1);
      expect(stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
      expect(status).toBe(1);
      expect(
        await comesTrue(() => left(program, before).length === 0, 5),
        left(program, before).join("\n"),
      ).toBe(true);
      expect(existsSync(join(repository, "steps/01-exec/exec.ts"))).toBe(true);
    },
  );
});

/** What a program could have left, but for what other tests come and go with. */
const host = () => [
  ...readFileSync("/proc/self/mountinfo", "utf8").split("\n"),
  ...readdirSync("/sys/class/net"),
  ...spawnSync("find", ["/sys/fs/cgroup", "-name", "left"], { encoding: "utf8" }).stdout.split("\n"),
];

const left = (program: string, before: string[]): string[] => [
  ...host().filter((each) => !before.includes(each)),
  ...processes().flatMap(({ argv }) =>
    argv.includes(program) || argv.includes("4321") ? [argv.join(" ")] : [],
  ),
];

test("the reader's terminal is as it was, whatever the program does to terminals", {
  timeout: 120_000,
}, async () => {
  const program = script(
    "to-the-terminal",
    "for t in /dev/tty /dev/pts/[0-9]*; do echo GARBAGE > $t; stty -F $t raw -echo; done; exit 1",
  );
  const terminal = await openTerminal({ cwd: repository });
  try {
    await terminal.run("stty --save > /tmp/$$; echo $$");
    const shown = await terminal.run(
      `${command.map((word) => `'${word}'`).join(" ")} 1 --program ${program}`,
    );
    expect(shown).toContain("to come");
    expect(shown).not.toContain("GARBAGE");
    expect(await terminal.run("stty --save | cmp - /tmp/$$ && echo same; rm /tmp/$$")).toContain("same");
  } finally {
    terminal.close();
  }
});
