// Boxes in terminals, for the tests of what a person there sees of them.
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
import { afterAll, test as base, beforeAll, expect } from "vitest";
import { openTerminal, PROMPT, session, type Terminal, until } from "./pty.ts";

const repository = join(import.meta.dirname, "..");
export const folder = mkdtempSync(join(tmpdir(), "terminal-"));
export const root = join(folder, "root");

/** How a step is started: by the tsx command (two processes), by Node alone, by npm (four). */
export type Starter = "tsx" | "node" | "npm";
export const starters: Record<Starter, string> = {
  tsx: join(repository, "node_modules/.bin/tsx"),
  node: `node --import ${import.meta.resolve("tsx")}`,
  npm: "npm run --silent tsx --",
};

export interface Box {
  name: string;
  line: (command: string, starter?: Starter) => string;
}

export const box = (step: string, options = ""): Box => ({
  name: `${step.slice(0, 2)}${` ${options.replace(/--rootfs \S+ ?/, "")}`}`.trim(),
  line: (command, starter = "tsx") =>
    `${starters[starter]} ${repository}/steps/${step}/main.ts run ${options} ${command}`,
});

export const exec = box("01-exec");
export const uts = box("02-uts");
export const pid = box("03-pid");
export const pidInit = box("03-pid", "--init");
export const chroot = box("04-mnt-chroot", `--rootfs ${root}`);
export const chrootInit = box("04-mnt-chroot", `--rootfs ${root} --init`);
export const boxes = [exec, uts, pid, pidInit, chroot, chrootInit];

beforeAll(() => {
  mkdirSync(join(root, "bin"), { recursive: true });
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  execFileSync("chroot", [root, "/bin/busybox", "--install", "-s", "/bin"]);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts: { tsx: starters.tsx } }));
  writeFileSync(join(folder, "greeting"), "hello\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Each test has a terminal of its own, and leaves nothing alive in it. */
export const test = base.extend<{ shell: Terminal }>({
  shell: async ({ task: _ }, use) => {
    const shell = await openTerminal({ cwd: folder, npm_config_update_notifier: "false" });
    await use(shell);
    shell.close();
    await until(() => session(shell.pid).length === 0);
  },
});

export const quoted = (script: string): string => `'${script.replaceAll("'", "'\\''")}'`;
export const status = async (shell: Terminal): Promise<number> =>
  Number(/status=(\d+)/.exec(await shell.run("echo status=$?"))![1]);

/** The launcher: it has a handler for the signals it passes on. */
export const launcher = (shell: Terminal) => shell.processes().find(({ catches }) => catches("SIGUSR2"));
export const running = (shell: Terminal, name: string) =>
  shell.processes().filter(({ args }) => args[0] === name);

/** Whether `name` runs, and has the terminal. */
export const inFront = (shell: Terminal, name: string): boolean =>
  running(shell, name).some(({ state, group, foreground }) => state === "S" && group === foreground);

/** Types the line, and waits until `name` runs and the launcher attends it. */
export async function start(shell: Terminal, line: string, name: string): Promise<void> {
  shell.type(line);
  await until(
    () => running(shell, name).length > 0 && launcher(shell) !== undefined,
    () => shell.processes(),
  );
}

export const ended = (shell: Terminal): Promise<void> =>
  until(
    () => shell.processes().length === 0,
    () => shell.processes(),
  );
export const allStopped = (shell: Terminal): Promise<void> =>
  until(
    () => shell.processes().length > 0 && shell.processes().every(({ state }) => state === "T"),
    () => shell.processes(),
  );

/** The shell outside has its terminal, as it was, and can do all that it could before. */
export async function expectWell(shell: Terminal, modes: string): Promise<void> {
  await ended(shell);
  expect(await shell.run("stty -a")).toBe(modes);
  const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/${shell.pid}/fdinfo/0`, "utf8"))![1]!;
  expect(Number.parseInt(flags, 8) & constants.O_NONBLOCK).toBe(0);
  shell.type("read -p 'x? ' x; echo x=$x.");
  await shell.sees("\n");
  await shell.sees("x? "); // only then the shell has left its line editor, where Enter is another character
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
