// Waiting: the child for its parent, the parent for its child, and neither in anybody else's way.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { constants as os } from "node:os";
import { expect, test } from "vitest";
import { exec } from "../steps/01-exec/exec.ts";
import { addon } from "./addon.ts";
import { keepOnly, receive } from "./handshake.ts";
import { chdir, clone, type Recipe, waitForParent } from "./index.ts";
import { children, comesTrue, descriptors, state, thrownBy } from "./testing.ts";

const exits = (status: number): Recipe => exec(["sh", "-c", `exit ${status}`]);
const sleeps: Recipe = exec(["sleep", "100"]);

test.each([0, 1, 127, 255])("an exit status of %i is passed on", async (status) => {
  expect(await clone(0, exits(status)).exited).toBe(status);
});

test.each(["SIGTERM", "SIGKILL", "SIGPIPE", "SIGXFSZ", "SIGRTMIN"])(
  "%s ends it: 128 + its number",
  async (name) => {
    const number = name === "SIGRTMIN" ? 34 : os.signals[name as NodeJS.Signals];
    expect(await clone(0, exec(["sh", "-c", `kill -${number} $$`])).exited).toBe(128 + number);
  },
);

test("resume lets the child go on, and throws what fails then", async () => {
  const child = clone(0, [...waitForParent(), ...exits(3)]);
  child.resume();
  expect(await child.exited).toBe(3);
  const failing = clone(0, [...waitForParent(), chdir("/not/there"), ...exits(3)]);
  expect(thrownBy(() => failing.resume())).toMatchObject({ code: "ENOENT", syscall: "chdir", step: 2 });
  expect(children()).toEqual({});
});

test("a child killed while it waits ends as a killed child does", async () => {
  const child = clone(0, [...waitForParent(), ...exits(0)]);
  child.kill("SIGKILL");
  await comesTrue(() => state(child.pid) === "Z");
  child.resume();
  expect(await child.exited).toBe(128 + 9);
});

test("a child killed before it has read the go-ahead ends as a killed child does", async () => {
  const before = descriptors();
  const child = clone(0, [...waitForParent(), ...exits(0)]);
  child.kill("SIGSTOP");
  await comesTrue(() => state(child.pid) === "T");
  const killer = spawn("sh", ["-c", `sleep 0.2; kill -9 ${child.pid}`], { stdio: "ignore" });
  const killed = once(killer, "exit");
  child.resume(); // blocks until then
  expect(await child.exited).toBe(128 + 9);
  await killed;
  expect(descriptors()).toEqual(before);
});

/** A waiting child, and what only the addon itself shows: the parent's end of the socket, and the results. */
function waiting(): { socket: number; pid: number; pidfd: number; results: () => (number | undefined)[] } {
  const [socket, end] = addon.socketpair() as [number, number];
  const recipe = [...keepOnly(end), ...waitForParent(), chdir("/")];
  const calls = recipe.map(({ name, args }) => ({ name, args, tolerates: [] }));
  const { pid, pidfd, life } = addon.clone(0, calls, null);
  closeSync(end);
  receive(socket); // it waits
  return { socket, pid, pidfd, results: () => addon.results(life) };
}

test("the parent's end is ECANCELED for a child that waits, and its own", async () => {
  const child = waiting();
  closeSync(child.socket);
  expect(await comesTrue(() => state(child.pid) === "Z")).toBe(true);
  expect(child.results().slice(-2)).toEqual([-os.errno.ECANCELED, undefined]);
  addon.wait(child.pidfd);
  closeSync(child.pidfd);
});

test("of two children that wait, neither holds the other's socket", async () => {
  const [first, second] = [waiting(), waiting()];
  closeSync(first.socket);
  expect(await comesTrue(() => state(first.pid) === "Z")).toBe(true);
  expect(await comesTrue(() => state(second.pid) === "S")).toBe(true);
  closeSync(second.socket);
  for (const { pidfd } of [first, second]) {
    addon.wait(pidfd);
    closeSync(pidfd);
  }
});

test("other children's exits are left to those who wait for them", async () => {
  const statuses = Array.from({ length: 20 }, (_, i) => i + 1);
  const shell = (status: number) => spawn("sh", ["-c", `exit ${100 + status}`], { stdio: "ignore" });
  const theirs = statuses.map((status) => once(shell(status), "exit"));
  const ours = statuses.map((status) => clone(0, exits(status)).exited); // the younger: a careless wait takes the elder
  expect(await Promise.all(ours)).toEqual(statuses);
  expect((await Promise.all(theirs)).map(([status]) => status - 100)).toEqual(statuses);
});

test("while eight children live, the file system answers and child_process works", async () => {
  const alive = Array.from({ length: 8 }, () => clone(0, sleeps));
  const text = await readFile("/etc/passwd", "utf8"); // on libuv's pool of four
  const [status] = await once(spawn("true", { stdio: "ignore" }), "exit");
  const living = alive.filter(({ pid }) => state(pid) === "S").length;
  for (const child of alive) child.kill("SIGTERM");
  expect(await Promise.all(alive.map(({ exited }) => exited))).toEqual(Array(8).fill(128 + 15));
  expect({ text, status, living }).toEqual({
    text: readFileSync("/etc/passwd", "utf8"),
    status: 0,
    living: 8,
  });
});

test("a signal for a child that has ended is no error", async () => {
  const child = clone(0, exits(0));
  while (state(child.pid) !== "Z"); // we get no chance to reap it
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  child.kill("SIGTERM");
});
