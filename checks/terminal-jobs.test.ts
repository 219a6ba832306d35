// What the shell around a box sees of it: signals, what is left, job control, pipes.
import { describe, expect } from "vitest";
import { PROMPT, type Process, session, type Terminal, until } from "./pty.ts";
import {
  allStopped,
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
  start,
  status,
  test,
} from "./terminal.tools.ts";

describe.concurrent("a signal to the launcher", () => {
  const tsx = (shell: Terminal): Process =>
    shell.processes().find(({ args }) => /\.bin\/tsx$/.test(args[1]!))!;
  for (const { name, line } of [exec, pid, pidInit])
    for (const [signal, expected] of [
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ] as const)
      test(`${name}: ${signal} ends the box, whether Node or tsx gets it`, async ({ shell }) => {
        for (const target of [launcher, tsx]) {
          await start(shell, line("sleep 100"), "sleep");
          process.kill(target(shell)!.pid, signal);
          await shell.sees(PROMPT);
          expect(await status(shell)).toBe(expected);
          await ended(shell);
        }
      });
});

describe.concurrent("what the box leaves", () => {
  for (const { name, line } of [exec, pid, pidInit])
    test(`${name}: a terminal that echoes, though interrupted while it did not`, async ({ shell }) => {
      const modes = await shell.run("stty -a");
      shell.type(line(`sh -c ${quoted("stty -echo; echo ready=$((1)); read password; echo it=$password")}`));
      await shell.sees("ready=1");
      shell.type("secret");
      expect(await shell.sees("it=secret")).not.toMatch(/secret.*it=/s);
      await shell.sees(PROMPT);
      expect(await shell.run("stty -a")).toBe(modes);

      shell.type(line(`sh -c ${quoted("stty -echo -icanon; echo ready=$((1)); read password")}`));
      await shell.sees("ready=1");
      await until(() => launcher(shell) !== undefined);
      shell.press("Ctrl-C");
      await shell.sees(PROMPT);
      expect(await status(shell)).toBe(130);
      await expectWell(shell, modes);
    });

  for (const { name, line } of [chroot, chrootInit])
    test(`${name}: a terminal in order after a full-screen program, left or killed`, async ({ shell }) => {
      const modes = await shell.run("stty -a");
      for (const leave of [
        () => shell.type(":q!"),
        () => process.kill(running(shell, "vi")[0]!.pid, "SIGKILL"),
      ]) {
        await start(shell, line("vi /tmp/file"), "vi");
        await shell.sees("/tmp/file");
        leave();
        await shell.sees(PROMPT);
        await ended(shell);
        expect(await shell.run("stty -a")).toBe(modes);
      }
    });

  for (const { name, line } of [exec, pid, pidInit, chroot])
    test(`${name}: cat reads the terminal, line by line, to Ctrl-D`, async ({ shell }) => {
      const modes = await shell.run("stty -a");
      await start(shell, line("cat"), "cat");
      for (const word of ["one", "two"]) {
        shell.type(word);
        await shell.sees(`${word}\r\n${word}\r\n`);
      }
      shell.press("Ctrl-D");
      await shell.sees(PROMPT);
      expect(await status(shell)).toBe(0);
      await expectWell(shell, modes);
    });
});

describe.concurrent("in the background", () => {
  const inBackground = (shell: Terminal) =>
    session(shell.pid).every(({ foreground }) => foreground === shell.pid);

  for (const { name, line } of [exec, pid, pidInit])
    test(`${name}: it leaves the terminal to the shell, from start to end`, async ({ shell }) => {
      await start(shell, `${line("sleep 100")} &`, "sleep");
      await shell.sees(PROMPT);
      expect(inBackground(shell)).toBe(true);
      process.kill(running(shell, "sleep")[0]!.pid, "SIGKILL");
      await ended(shell);
      expect(session(shell.pid)).toMatchObject([{ foreground: shell.pid }]);
      expect(await shell.run("wait %1; echo status=$?")).toContain("status=137");
    });

  for (const { name, line } of [exec, pid, pidInit, chroot])
    test(`${name}: it stops when it reads, and goes on reading in the foreground`, async ({ shell }) => {
      shell.type(`${line("cat")} &`);
      await until(() => running(shell, "cat").length === 1);
      await allStopped(shell);
      await shell.sees(PROMPT);
      expect(inBackground(shell)).toBe(true);
      expect(await shell.run("jobs")).toContain("Stopped");
      shell.type("fg");
      await until(() => inFront(shell, "cat"));
      shell.type("one");
      await shell.sees("one\r\none\r\n");
      shell.press("Ctrl-C");
      await shell.sees(PROMPT);
      expect(await status(shell)).toBe(130);
      await ended(shell);
    });

  for (const { name, line } of [exec, pid, pidInit])
    test(`${name}: stopped, sent there and back, it is the same`, async ({ shell }) => {
      await start(shell, line("sleep 100"), "sleep");
      shell.press("Ctrl-Z");
      await shell.sees("Stopped");
      await shell.sees(PROMPT);
      await allStopped(shell);
      await shell.run("bg");
      await until(() => shell.processes().every(({ state }) => state !== "T"));
      expect(inBackground(shell)).toBe(true);
      shell.type("fg");
      await until(() => !inBackground(shell));
      shell.press("Ctrl-C");
      await shell.sees(PROMPT);
      expect(await status(shell)).toBe(130);
      await ended(shell);
    });
});

describe.concurrent("with pipes", () => {
  for (const { name, line } of [exec, pid, pidInit])
    test(`${name}: input and output are what the shell made them`, async ({ shell }) => {
      expect(await shell.run(`echo hi | ${line("cat")}`)).toBe("hi\n");
      expect(await shell.run(`${line("cat")} < greeting`)).toBe("hello\n");
      expect(await shell.run(`${line("sh -c 'exit 3'")} | cat; echo \${PIPESTATUS[0]}`)).toBe("3\n");
      expect(await shell.run(`yes | ${line("head -n 1")}`)).toBe("y\n");
      // Pid 1 gets no SIGPIPE, since it has no handler for it: it ends of EPIPE, with a word on stderr.
      const yes = await shell.run(`${line("yes")} 2> /dev/null | head -n 1; echo \${PIPESTATUS[0]}`);
      expect(yes).toBe(`y\n${name === pid.name ? 1 : 141}\n`);
      await ended(shell);
    });

  for (const { name, line } of [exec, pid, pidInit])
    test(`${name}: a pager at the other end keeps the terminal`, async ({ shell }) => {
      shell.type(`${line("yes 2> /dev/null")} | less`);
      await shell.sees(/(y\r\n){20}/);
      await until(() => inFront(shell, "less"));
      shell.type("q", "");
      await shell.sees(PROMPT);
      await ended(shell);
    });
});
