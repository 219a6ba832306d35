// What weave writes between the fences, and what it refuses.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { repository } from "../../lib/paths.ts";
import { woven } from "./weave.ts";

const folder = mkdtempSync(join(repository, "node_modules", ".woven-")); // from= is seen from the repository
afterAll(() => rmSync(folder, { recursive: true }));

const put = (name: string, ...lines: string[]): string => {
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  return relative(repository, join(folder, name));
};
const fence = (info: string, ...lines: string[]): string => [`\`\`\`${info}`, ...lines, "```", ""].join("\n");

const one = put("one.ts", "a", "if (b) {", "  // #region inner", "  c", "", "    d", "  // #endregion", "}");
const two = put("two.ts", "a", "if (b) {", "  // #region inner", "  c", "", "    e", "  // #endregion", "}");
const shell = put("three.sh", "#!/bin/sh", "# #region hello", "echo hello", "# #endregion");

test("a region goes to the margin; so does one of a shell script", () => {
  expect(woven(fence(`ts from=${one}#inner`, "old", "text"))).toBe(
    fence(`ts from=${one}#inner`, "c", "", "  d"),
  );
  expect(woven(fence(`sh from=${shell}#hello`))).toBe(fence(`sh from=${shell}#hello`, "echo hello"));
});

test("a whole file, and nothing where no file is named", () => {
  expect(woven(fence(`sh from=${shell}`, "old"))).toContain("#!/bin/sh\n# #region hello\necho hello\n");
  expect(woven(`text\n${fence("ts", "mine")}`)).toBe(`text\n${fence("ts", "mine")}`);
});

test("the difference of two files, without names and times", () => {
  const info = `diff from=${one} to=${two}`;
  expect(woven(fence(info))).toBe(
    fence(info, "@@ -5,3 +5,3 @@", " ", "-    d", "+    e", "   // #endregion"),
  );
});

test("what is not there is refused", () => {
  expect(() => woven(fence(`ts from=${one}#outer`))).toThrow(`${one} has no region outer`);
  expect(() => woven(fence("ts from=steps/no-such.ts"))).toThrow("ENOENT");
  expect(() => woven(fence(`diff from=${one} to=${one}`))).toThrow("are the same");
  expect(() => woven(fence(`diff from=${one} to=no-such.ts`))).toThrow("No such file");
});
