// What a person at a terminal sees of a box: keys, job control, windows that change size or are closed.
import { execFileSync } from "node:child_process";
import {
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test as base, beforeAll, describe, expect } from "vitest";
import { pause } from "./check.ts";
import { openTerminal, PROMPT, type Process, session, type Terminal, until } from "./pty.ts";

const repository = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "terminal-"));
const root = join(folder, "root");

/** How a step is started: by the tsx command (two processes), by Node alone, by npm (four). */
type Starter = "tsx" | "node" | "npm";
const starters: Record<Starter, string> = {
  tsx: join(repository, "node_modules/.bin/tsx"),
  node: `node --import ${import.meta.resolve("tsx")}`,
  npm: "npm run --silent tsx --",
};

interface Box {
  name: string;
  line: (command: string, starter?: Starter) => string;
}

const box = (step: string, options = ""): Box => ({
  name: `${step.slice(0, 2)}${` ${options.replace(/--rootfs \S+ ?/, "")}`}`.trim(),
  line: (command, starter = "tsx") =>
    `${starters[starter]} ${repository}/steps/${step}/main.ts run ${options} ${command}`,
});

const exec = box("01-exec");
const uts = box("02-uts");
const pid = box("03-pid");
const pidInit = box("03-pid", "--init");
const chroot = box("04-mnt-chroot", `--rootfs ${root}`);
const chrootInit = box("04-mnt-chroot", `--rootfs ${root} --init`);
const boxes = [exec, uts, pid, pidInit, chroot, chrootInit];

beforeAll(() => {
  mkdirSync(join(root, "bin"), { recursive: true });
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  execFileSync("chroot", [root, "/bin/busybox", "--install", "-s", "/bin"]);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts: { tsx: starters.tsx } }));
  writeFileSync(join(folder, "greeting"), "hello\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Each test has a terminal of its own, and leaves nothing alive in it. */
const test = base.extend<{ shell: Terminal }>({
  shell: async ({ task: _ }, use) => {
    const shell = await openTerminal({ cwd: folder, npm_config_update_notifier: "false" });
    await use(shell);
    shell.close();
    await until(() => session(shell.pid).length === 0);
  },
});

const quoted = (script: string): string => `'${script.replaceAll("'", "'\\''")}'`;
const status = async (shell: Terminal): Promise<number> =>
  Number(/status=(\d+)/.exec(await shell.run("echo status=$?"))![1]);

/** The launcher: it has a handler for the signals it passes on. */
const launcher = (shell: Terminal) => shell.processes().find(({ catches }) => catches("SIGUSR2"));
const running = (shell: Terminal, name: string) => shell.processes().filter(({ args }) => args[0] === name);

/** Whether `name` runs, and has the terminal. */
const inFront = (shell: Terminal, name: string): boolean =>
  running(shell, name).some(({ state, group, foreground }) => state === "S" && group === foreground);

/** Types the line, and waits until `name` runs and the launcher attends it. */
async function start(shell: Terminal, line: string, name: string): Promise<void> {
  shell.type(line);
  await until(
    () => running(shell, name).length > 0 && launcher(shell) !== undefined,
    () => shell.processes(),
  );
}

const ended = (shell: Terminal): Promise<void> =>
  until(
    () => shell.processes().length === 0,
    () => shell.processes(),
  );
const allStopped = (shell: Terminal): Promise<void> =>
  until(
    () => shell.processes().length > 0 && shell.processes().every(({ state }) => state === "T"),
    () => shell.processes(),
  );

/** The shell outside has its terminal, as it was, and can do all that it could before. */
async function expectWell(shell: Terminal, modes: string): Promise<void> {
  await ended(shell);
  expect(await shell.run("stty -a")).toBe(modes);
  const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/${shell.pid}/fdinfo/0`, "utf8"))![1]!;
  expect(Number.parseInt(flags, 8) & constants.O_NONBLOCK).toBe(0);
  shell.type("read x; echo x=$x.");
  await shell.sees("\n");
  shell.type("a line");
  await shell.sees("x=a line.");
  await shell.sees(PROMPT);
  shell.type("sleep 100");
  await until(() => running(shell, "sleep").length === 1);
  shell.press("Ctrl-Z");
  await shell.sees(/Stopped.*sleep/);
  await shell.sees(PROMPT);
  shell.type("fg");
  await shell.sees("sleep");
  await until(() => inFront(shell, "sleep"));
  shell.press("Ctrl-C");
  await shell.sees(PROMPT);
  expect(await status(shell)).toBe(130);
  await ended(shell);
}

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
