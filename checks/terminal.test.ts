// What a person at a terminal sees of a box: keys, a shell to talk to, windows that change size or are closed.
import { describe, expect } from "vitest";
import { pause } from "./check.ts";
import { PROMPT, session, until } from "./pty.ts";
import {
  allStopped,
  type Box,
  boxes,
  chroot,
  chrootInit,
  ended,
  exec,
  expectWell,
  inFront,
  launcher,
  pid,
  pidInit,
  quoted,
  running,
  type Starter,
  start,
  status,
  test,
  uts,
} from "./terminal.tools.ts";

describe.concurrent("an interactive shell in the box", () => {
  // dash, Debian's sh, complains when it leaves a process group that has no number in its pid namespace: then, bash.
  const cases: [Box, Starter, string][] = [
    [exec, "node", "sh"],
    [uts, "npm", "sh"],
    [pid, "tsx", "bash --norc --noprofile --noediting"],
    [pidInit, "tsx", "sh"],
    [chroot, "tsx", "sh"],
    [chrootInit, "node", "sh"],
  ];
  for (const [{ name, line }, starter, program] of cases)
    test(`${name} by ${starter}: job control inside, and afterwards outside`, async ({ shell }) => {
      const modes = await shell.run("stty -a");
      const prompt = /[#$] $/;

      shell.type(line(program, starter));
      await until(() => inFront(shell, program.split(" ")[0]!));
      expect(await shell.sees(prompt)).not.toMatch(/access tty|job control|cannot/i);

      shell.type("PS1='inner''> '; sleep 100 & jobs");
      await shell.sees(/Running.*sleep 100.*inner> /s);
      shell.resize(90, 30);
      shell.type("stty size");
      await shell.sees(/30 90.*inner> /s);
      shell.type("fg");
      await shell.sees(/\nsleep 100/);
      await until(() => inFront(shell, "sleep"));
      shell.press("Ctrl-Z");
      await shell.sees(/Stopped.*inner> /s);
      shell.type("bg");
      await shell.sees("inner> ");
      await until(() => running(shell, "sleep").every(({ state }) => state === "S"));
      shell.type("fg");
      await shell.sees(/\nsleep 100/);
      await until(() => inFront(shell, "sleep"));
      shell.press("Ctrl-C");
      await shell.sees("inner> ");
      shell.type("echo status=$?");
      await shell.sees(/status=130.*inner> /s);
      shell.type("exit 5");
      await shell.sees(PROMPT);
      expect(await status(shell)).toBe(5);

      shell.resize(200, 24);
      await expectWell(shell, modes);
    });

  test("Ctrl-D leaves it", async ({ shell }) => {
    shell.type(chroot.line("sh"));
    await shell.sees("# ");
    shell.press("Ctrl-D");
    await shell.sees(PROMPT);
    expect(await status(shell)).toBe(0);
    await ended(shell);
  });

  test("a script can read the terminal afterwards", async ({ shell }) => {
    shell.type(`bash -c ${quoted(`${exec.line("sh")}; ${pidInit.line("sh")}; read x; echo x=$x.`)}`);
    for (const _ of [exec, pidInit]) {
      await until(() => inFront(shell, "sh"));
      await shell.sees(/[#$] $/);
      shell.type("exit");
      await until(() => running(shell, "sh").length === 0);
    }
    shell.type("a line");
    await shell.sees("x=a line.");
  });
});

describe.concurrent("keys to a program without handlers", () => {
  const cases = [
    ...boxes.map((each) => [each, "tsx"] as const),
    [exec, "npm"],
    [pid, "node"],
    [pidInit, "npm"],
  ] as const;
  for (const [{ name, line }, starter] of cases)
    test(`${name} by ${starter}: Ctrl-C ends it, Ctrl-Z stops it, fg goes on`, async ({ shell }) => {
      const modes = await shell.run("stty -a");
      await start(shell, line("sleep 100", starter), "sleep");
      shell.press("Ctrl-Z");
      await shell.sees("Stopped");
      await shell.sees(PROMPT);
      await allStopped(shell);
      shell.type("fg");
      await until(() => shell.processes().every(({ state }) => state !== "T"));
      await until(() => inFront(shell, "sleep"));
      shell.press("Ctrl-C");
      await shell.sees(PROMPT);
      expect(await status(shell)).toBe(130);
      await ended(shell);
      expect(await shell.run("stty -a")).toBe(modes);
    });

  for (const { name, line } of boxes)
    test(`${name}: Ctrl-\\ ends it`, async ({ shell }) => {
      await start(shell, line("sleep 100"), "sleep");
      shell.press("Ctrl-\\");
      await shell.sees(PROMPT);
      expect(await status(shell)).toBe(131);
      await ended(shell);
    });
});

// A duplicate comes from tsx or npm, which wait some 30 ms first: hence the pause before the sums.
const counter = quoted(
  "trap 'i=$((i+1)); echo int=$i' INT; trap 'w=$((w+1)); echo winch=$w' WINCH; echo ready=$((1)); " +
    "while :; do read line && sleep 0.3 && stty size && echo sum=$i/$w && exit 7; done",
);

// In seconds. tsx waits 30 ms for the launcher to tell it of a signal, and kills it when the next one comes meanwhile.
const BETWEEN_KEYS = 0.1;

describe.concurrent("a program with handlers", () => {
  const cases = [
    ...boxes.flatMap((each) => [[each, "tsx"] as const, [each, "node"] as const]),
    [exec, "npm"],
    [pid, "npm"],
    [pidInit, "npm"],
  ] as const;
  for (const [{ name, line }, starter] of cases)
    test(`${name} by ${starter}: one SIGINT for a Ctrl-C, one SIGWINCH for a new size`, async ({ shell }) => {
      shell.type(line(`sh -c ${counter}`, starter));
      await shell.sees("ready=1");
      await until(() => launcher(shell) !== undefined);
      for (const n of [1, 2, 3]) {
        shell.press("Ctrl-C");
        await shell.sees(`int=${n}`);
        await pause(BETWEEN_KEYS);
      }
      shell.resize(90, 30);
      await shell.sees("winch=1");
      shell.type("");
      await shell.sees(/30 90\s+sum=3\/1/);
      await shell.sees(PROMPT);
      if (starter !== "npm") expect(await status(shell)).toBe(7); // npm says 130 for any Ctrl-C it saw
    });

  // Two signals close together become one: a program that is quick to take them.
  const quick = quoted(
    'let n = 0; process.on("SIGINT", () => console.log("int=" + ++n)); console.log("ready=" + 1);' +
      'process.stdin.once("data", () => setTimeout(() => process.exit(console.log("sum=" + n)), 300))',
  );
  test("03 --init: the same in a pipe, where the command stays in the launcher's group", async ({
    shell,
  }) => {
    shell.type(`${pidInit.line(`node -e ${quick}`)} | sh -c 'trap "" INT; cat'`);
    await shell.sees("ready=1");
    await until(() => launcher(shell) !== undefined);
    for (let n = 1; n <= 10; n++) {
      shell.press("Ctrl-C");
      await shell.sees(`int=${n}\r`);
      await pause(BETWEEN_KEYS);
    }
    shell.type("");
    await shell.sees("sum=10\r");
  });
});

describe.concurrent("the end of the terminal", () => {
  for (const [{ name, line }, command] of [
    ...boxes.map((each) => [each, "sleep 100"] as const),
    [exec, "sh"],
    [chroot, "sh"],
    [chrootInit, "sh"],
  ] as const)
    test(`${name}: ${command} ends with it`, async ({ shell }) => {
      await start(shell, line(command), command.split(" ")[0]!);
      shell.close();
      await until(
        () => session(shell.pid).length === 0,
        () => session(shell.pid),
      );
    });

  for (const { name, line } of [exec, pid, pidInit])
    test(`${name}: ends with the shell outside`, async ({ shell }) => {
      await start(shell, line("sleep 100"), "sleep");
      process.kill(shell.pid, "SIGHUP");
      await until(() => session(shell.pid).length === 0);
    });
});
