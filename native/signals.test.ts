// No handler of Node's runs in the child, and the program starts with none blocked or ignored.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exec } from "../steps/01-exec/exec.ts";
import { chdir, clone, perform, waitForParent } from "./index.ts";
import { launch, run } from "./testing.ts";

/** A mask in /proc/PID/status, by signal: bit 0 is signal 1. */
const mask = (status: string, name: string): bigint =>
  BigInt(`0x${new RegExp(`${name}:\\s*(\\w+)`).exec(status)![1]}`);

const ALL_BUT_KILL_AND_STOP = (1n << 64n) - 1n - (1n << 8n) - (1n << 18n);

test("the program has no signal blocked, ignored or handled", async () => {
  const parent = readFileSync("/proc/self/status", "latin1");
  expect(mask(parent, "SigIgn")).not.toBe(0n); // Node ignores SIGPIPE and SIGXFSZ
  const { stdout } = await run(["cat", "/proc/self/status"]);
  for (const name of ["SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd"])
    expect([name, mask(stdout, name)]).toEqual([name, 0n]);
});

test("until its exec a child has all signals blocked and no handler; the parent has its own back", async () => {
  const blocked = () => mask(readFileSync("/proc/thread-self/status", "latin1"), "SigBlk");
  const child = clone(0, [...waitForParent(), ...exec(["true"])]);
  const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
  expect(blocked()).toBe(0n);
  perform(chdir(".")); // one call in this process holds them back too
  expect(blocked()).toBe(0n);
  child.resume();
  expect(await child.exited).toBe(0);
  expect(mask(status, "SigBlk")).toBe(ALL_BUT_KILL_AND_STOP);
  expect(mask(status, "SigCgt")).toBe(0n);
});

test("a signal for a child that waits is the program's: none of Node's handlers sees it", async () => {
  let handled = 0;
  const count = () => handled++;
  process.on("SIGUSR1", count);
  const child = clone(0, [...waitForParent(), ...exec(["true"])]);
  process.kill(child.pid, "SIGUSR1");
  child.resume();
  expect(await child.exited).toBe(128 + 10);
  process.off("SIGUSR1", count);
  expect(handled).toBe(0);
});

test("a hundred clones in a storm of signals at the whole process group", () => {
  const { stdout, stderr } = launch(`
    import { spawn } from "node:child_process";
    native.perform(native.setsid()); // a group of its own
    let handled = 0;
    for (const signal of ["SIGWINCH", "SIGCONT"]) process.on(signal, () => handled++);
    const stdio = ["ignore", "pipe", "inherit"];
    const storm = spawn("sh", ["-c", "echo; while :; do kill -WINCH 0; kill -CONT 0; done"], { stdio });
    await new Promise((resolve) => storm.stdout.once("data", resolve));
    let good = 0;
    for (let i = 0; i < 100; i++) good += (await native.clone(0, exec(["sh", "-c", "exit 7"])).exited) === 7;
    storm.kill("SIGKILL");
    console.log(good, handled > 100);`);
  expect({ stdout, stderr }).toEqual({ stdout: "100 true\n", stderr: "" });
});
