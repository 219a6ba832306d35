// Every constant has the value that the kernel's headers give it.
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as constants from "./constants.ts";
import { directory } from "./testing.ts";

const headers = ["linux/sched.h", "linux/mount.h", "linux/fcntl.h", "linux/stat.h", "linux/capability.h"];
// Of umount(2) the kernel's headers for programs say nothing.
const libc = ["sys/mount.h"];

const tables = Object.values(constants).filter((each) => typeof each === "object" && !Array.isArray(each));
const numbers: Record<string, number> = Object.fromEntries(
  [constants, ...tables].flatMap((table) =>
    Object.entries(table).filter(([, value]) => typeof value === "number"),
  ),
);
for (const [number, name] of constants.capabilities.entries()) numbers[name] = number;

/** What a C program that includes `headers` says; nothing for a name they do not have. */
function valuesIn(headers: string[]): Record<string, number> {
  const program = join(directory(), "constants");
  const lines = Object.keys(numbers).map((name) => `#ifdef ${name}\n  print(${name})\n#endif`);
  const source = [
    "#include <stdio.h>",
    ...headers.map((header) => `#include <${header}>`),
    '#define print(name) printf("%s %lld\\n", #name, (long long)name);',
    `int main() {\n${lines.join("\n")}\n}`,
  ].join("\n");
  execFileSync("gcc", ["-x", "c", "-o", program, "-"], { input: source });
  const pairs = execFileSync(program, { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  return Object.fromEntries(pairs.map(([name, value]) => [name, Number(value)]));
}

test("constants are the kernel headers'", ({ skip }) => {
  if (spawnSync("gcc", ["--version"]).status !== 0) skip("no C compiler");
  const kernel = { ...valuesIn(libc), ...valuesIn(headers) };
  expect(numbers).toEqual(kernel);
});
