// Mistakes of the caller: TypeErrors that name the call and the argument, before anything has happened.
import { expect, test } from "vitest";
import {
  type Call,
  chdir,
  clone,
  execve,
  mkdir,
  mount,
  moveMount,
  openTree,
  perform,
  setParentDeathSignal,
  waitForParent,
  write,
} from "./index.ts";
import { thrownBy } from "./testing.ts";

const wrong = (call: Call, args: unknown[]): Call => ({ ...call, args: args as Call["args"] });
const opened = openTree("/", 0);

const mistakes: [what: string, call: Call, message: RegExp][] = [
  [
    "a number for a string",
    wrong(mount("a", "/", null, 0), [1, "/", null, 0, null]),
    /^mount: argument 0 .*string/,
  ],
  [
    "null for a string",
    wrong(mount("a", "/", null, 0), ["a", null, null, 0, null]),
    /^mount: argument 1 .*string/,
  ],
  [
    "a string for a number",
    wrong(mount("a", "/", null, 0), ["a", "/", null, "0", null]),
    /^mount: argument 3 .*number/,
  ],
  ["a number that is none", mkdir("/not/there", Number.NaN), /^mkdirat: argument 2 .*integer/],
  ["a fraction", mkdir("/not/there", 0.5), /^mkdirat: argument 2 .*integer/],
  ["a null byte", mount("a", "/b\0c", null, 0), /^mount: argument 1 .*null byte/],
  [
    "a null byte in an argument vector",
    execve("/bin/true", ["a", "b\0c"], {}),
    /^execve: argument 1 .*null byte/,
  ],
  [
    "a number among strings",
    wrong(execve("/", [], {}), ["/", ["a", 1], []]),
    /^execve: argument 1 .*strings/,
  ],
  ["a string for an array", wrong(execve("/", [], {}), ["/", "a", []]), /^execve: argument 1 .*array/],
  ["a string for bytes", wrong(write(1, Buffer.from("a")), [1, "a", 1]), /^write: argument 1 .*Uint8Array/],
  ["no signal", setParentDeathSignal("SIGNOT" as NodeJS.Signals), /^prctl: argument 1 .*number/],
  ["too few arguments", wrong(chdir("/"), []), /^chdir takes 1 argument/],
  ["too many arguments", wrong(chdir("/"), ["/", "/"]), /^chdir takes 1 argument/],
  ["a call that the addon does not have", { ...chdir("/"), name: "reboot" }, /reboot/],
  [
    "the result of a call that is not in the recipe",
    moveMount(opened, "/"),
    /^move_mount: argument 0 .*earlier/,
  ],
];

test.each(mistakes)("%s is a TypeError that says where", (_, call, message) => {
  for (const make of [() => perform(call), () => clone(0, [call])]) {
    const error = thrownBy(make) as Error;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(message);
  }
});

test("the result of a call that comes later is a TypeError too", () => {
  expect(thrownBy(() => clone(0, [moveMount(opened, "/"), opened]))).toBeInstanceOf(TypeError);
});

test("resume() of a child that does not wait says so, twice too", async () => {
  const running = clone(0, [execve("/bin/true", ["true"], {})]);
  expect(() => running.resume()).toThrow(/^resume: .*waitForParent/);
  const waiting = clone(0, [...waitForParent(), execve("/bin/true", ["true"], {})]);
  waiting.resume();
  expect(() => waiting.resume()).toThrow(/^resume: .*waitForParent/);
  expect(await Promise.all([running.exited, waiting.exited])).toEqual([0, 0]);
});
