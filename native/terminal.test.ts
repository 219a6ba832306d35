// A terminal that Node has read from, lent to a program and taken back.
import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import { expect, test } from "vitest";
import { program, typescript } from "./testing.ts";

/** Node with `code` on a terminal of its own: what it shows so far, and a promise of its exit status. */
function onTerminal(args: string[]): {
  pty: IPty;
  shows: (text: string) => Promise<void>;
  ended: Promise<number>;
} {
  const pty = spawn(process.execPath, [...typescript, ...args], { env: { PATH: process.env.PATH } });
  let screen = "";
  let look = () => {};
  pty.onData((data) => {
    screen += data;
    look();
  });
  const shows = (text: string) =>
    new Promise<void>((resolve) => {
      look = () => void (screen.includes(text) && resolve());
      look();
    });
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  return { pty, shows, ended };
}

const evaluated = (code: string): string[] => ["--input-type=module", "--eval", program(code)];

test("a program can read the terminal after Node has", async () => {
  const { pty, shows, ended } = onTerminal(
    evaluated(`
      process.stdin.once("data", async () => {
        process.stdin.pause();
        process.exit(await native.clone(0, exec(["sh", "-c", "echo ready; read word && echo got $word"])).exited);
      });
      console.log("first");`),
  );
  await shows("first");
  pty.write("x\r");
  await shows("ready");
  pty.write("second\r");
  await shows("got second");
  expect(await ended).toBe(0);
});

test("Node can read the terminal after an interactive shell has", async () => {
  const { pty, shows, ended } = onTerminal(
    evaluated(`
      import { readSync } from "node:fs";
      import { attend } from "${join(import.meta.dirname, "../steps/01-exec/exec.ts")}";
      const shell = exec(["sh", "-i"], { PS1: "ready ", PATH: process.env.PATH });
      console.log("status " + (await attend(native.clone(0, shell))));
      const bytes = Buffer.alloc(100);
      console.log("read " + readSync(0, bytes));
      process.exit();`),
  );
  await shows("ready ");
  pty.write("kill -9 $$\r"); // it cannot give the terminal back itself
  await shows("status 137");
  pty.write("line\r");
  await shows("read 5");
  expect(await ended).toBe(0);
});
