// No program hurts npm run check, the host, or the reader's terminal.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { comesTrue } from "../../checks/check.ts";
import { processes } from "../../checks/proc.ts";
import { openTerminal } from "../../checks/pty.ts";
import { repository } from "../../lib/paths.ts";
import { check, command, script } from "./testing.ts";

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
