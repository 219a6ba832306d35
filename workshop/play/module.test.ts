import { describe, expect, test } from "vitest";
import { cutOut } from "./module.ts";

describe("a function is cut out", () => {
  const cut = (text: string) => cutOut(text, "f", 1, "Do it.");

  test("its comments stay, as the reasons, but for those that tell of a line", () => {
    const text =
      "const f = (): Recipe => [\n  // Why.\n  one(),\n  two(), // two\n  // And why.\n  three(),\n];\nconst g = 1;";
    expect(cut(text)).toBe(
      "const f = (): Recipe => [\n  // TODO 1: Do it.\n\n  // Why.\n\n  // And why.\n];\nconst g = 1;",
    );
  });

  test.each([
    ["const f = () => [one()];", "const f = () => [\n  // TODO 1: Do it.\n];"],
    ["const f = () => one();", 'const f = () => {\n  // TODO 1: Do it.\n  throw new Error("TODO 1: f");\n};'],
    [
      "const f = () =>\n  one();",
      'const f = () => {\n  // TODO 1: Do it.\n  throw new Error("TODO 1: f");\n};',
    ],
    [
      "export function f({\n  a,\n}: A): B {\n  one();\n\n  two();\n}",
      'export function f({\n  a,\n}: A): B {\n  // TODO 1: Do it.\n  throw new Error("TODO 1: f");\n}',
    ],
  ])("%j", (text, expected) =>
    expect(cut(`${text}\n\nconst g = 1;\n`)).toBe(`${expected}\n\nconst g = 1;\n`),
  );

  test("one that is not there is an error", () => {
    expect(() => cut("const g = 1;")).toThrow("no function f");
  });
});
