// What the child keeps open, and what a failure leaves open.
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chdir, clone, mount, perform } from "./index.ts";
import { children, descriptors, directory, launch, thrownBy } from "./testing.ts";

const O_NONBLOCK = 0o4000;
const O_APPEND = 0o2000;

const flags = (fdinfo: string): number => Number.parseInt(/flags:\s*(\d+)/.exec(fdinfo)![1]!, 8);

test("the program has standard input, output and error", () => {
  const seen = launch(
    `process.exitCode = await native.clone(0, exec(["sh", "-c", "cat; echo err >&2"])).exited`,
    {
      input: "in",
    },
  );
  expect(seen).toMatchObject({ status: 0, stdout: "in", stderr: "err\n" });
});

test("a descriptor that Node made non-blocking blocks in the program, and still appends", () => {
  const dir = directory();
  const file = join(dir, "out");
  const out = openSync(file, "a");
  const code = `
    import { readFileSync, writeSync } from "node:fs";
    process.stdin.on("readable", () => {}).unref();
    native.perform(native.setStatusFlags(1, ${O_APPEND | O_NONBLOCK} | 1));
    await new Promise(setImmediate);
    for (const fd of [0, 1]) writeSync(1, readFileSync("/proc/self/fdinfo/" + fd, "utf8") + "-- \\n");
    await native.clone(0, exec(["sh", "-c", "for fd in 0 1; do cat /proc/self/fdinfo/$fd; echo --; done"])).exited;
    process.exit();`;
  launch(code, { stdio: ["pipe", out, "inherit"], input: "x" });
  closeSync(out);
  const [stdinBefore, stdoutBefore, stdin, stdout] = readFileSync(file, "utf8")
    .split("--")
    .slice(0, 4)
    .map(flags);
  expect([stdinBefore! & O_NONBLOCK, stdoutBefore! & O_NONBLOCK]).toEqual([O_NONBLOCK, O_NONBLOCK]);
  expect([stdin! & O_NONBLOCK, stdout! & (O_NONBLOCK | O_APPEND)]).toEqual([0, O_APPEND]);
});

test("no other descriptor reaches the program, not even one that a shell left open", () => {
  const leak = openSync("/etc/passwd", "r");
  const stdio = [...Array(3).fill("pipe"), ...Array(197).fill("ignore"), leak];
  const list = "ls /proc/self/fd | tr '\\\\n' ' '";
  const seen = launch(
    `import { readlinkSync } from "node:fs";
     process.stdout.write(readlinkSync("/proc/self/fd/200") + " ");
     const waiting = native.clone(0, [...native.waitForParent(), ...exec(["sh", "-c", "${list}"])]);
     await native.clone(0, [...native.waitForParent(), ...exec(["true"])]).resume();
     waiting.resume();
     await waiting.exited`,
    { stdio },
  );
  closeSync(leak);
  // 3 is the list itself.
  expect(seen).toMatchObject({ stdout: "/etc/passwd 0 1 2 3 ", stderr: "" });
});

const failures: [what: string, fail: () => unknown][] = [
  ["a call in the child that fails", () => clone(0, [chdir("/not/there")])],
  ["a clone3 that fails", () => clone(0x800, [chdir("/")])], // CLONE_SIGHAND does not go with CLONE_CLEAR_SIGHAND
  ["a call in this process that fails", () => perform(chdir("/not/there"))],
  ["an argument that cannot be", () => clone(0, [mount("a\0b", "/", null, 0)])],
];

test.each(failures)("a hundred times %s: no zombie, no descriptor", (_, fail) => {
  thrownBy(fail);
  const before = descriptors();
  for (let i = 0; i < 100; i++) expect(thrownBy(fail)).toHaveProperty("message");
  expect(descriptors().join(" ")).toBe(before.join(" "));
  expect(children()).toEqual({});
});
