// What is said of the results: lines for a reader, or JSON.
import { styleText } from "node:util";
import { explain } from "../../checks/explain.ts";
import type { Program } from "../../checks/programs.ts";
import type { Result } from "./course.ts";
import { reading } from "./reading.ts";

const plain = !process.stdout.isTTY || Boolean(process.env.NO_COLOR);
const styled = (style: "green" | "red" | "bold" | "dim", text: string): string =>
  plain ? text : styleText(style, text);

/** A program that writes escape sequences must not get them to the reader's terminal. */
const harmless = (text: string): string =>
  text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, (each) =>
    each === "\r" ? "" : `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );

/** One failure: what was expected, what is wrong, what was run and seen, where to read. */
export function failure({ check, ...result }: Result, program: Program): string {
  if (result.kind !== "fails") return "";
  const [title, ...rest] = harmless(explain(check, program, result.verdict)).split("\n");
  const read = `  read: ${reading(check, result.verdict.hint).join(", ")}`;
  return [styled("red", title!), ...rest, read].join("\n");
}

/** `2 skipped: it takes a C compiler and a static libc`, a line for each reason. */
export function skipped(all: Result[]): string[] {
  const reasons = all.flatMap((each) => (each.kind === "skipped" ? [each.reason] : []));
  const count = (reason: string) => reasons.filter((each) => each === reason).length;
  return [...new Set(reasons)].map((reason) => styled("dim", `  ${count(reason)} not made here: ${reason}`));
}

export const success = (text: string): string => styled("green", `✓ ${text}`);
export const trouble = (text: string): string => styled("red", `✗ ${harmless(text)}`);
export const bold = (text: string): string => styled("bold", text);

/** How far it is, on a line that the next one covers; nothing where output is kept. */
export function progressLine(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
}

/** A result as data. */
export function asJson({ check: { since, title }, ...result }: Result) {
  if (result.kind !== "fails") return { since, title, ...result };
  const { hint, args, output } = result.verdict;
  const { status, stdout, stderr } = output;
  return { since, title, kind: result.kind, hint, args, status, stdout, stderr };
}
