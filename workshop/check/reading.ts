// Where to read about a check that failed: the lesson of its step, and the man pages that the hint names.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../../checks/check.ts";
import { repository } from "../../lib/paths.ts";
import { stepNames } from "../words.ts";

const PAGE = /\b([a-z][\w.-]*)\((\d)\)/g;

/** `lessons/02-uts.md`, `man 2 sethostname`. */
export function reading({ since }: Check, hint: string): string[] {
  const step = stepNames().find((name) => Number.parseInt(name, 10) === since)!;
  const named = pages(hint);
  return [`lessons/${step}.md`, ...(named.length > 0 ? named : pages(manLine(step)))];
}

const pages = (text: string): string[] => [
  ...new Set([...text.matchAll(PAGE)].map(([, name, section]) => `man ${section} ${name}`)),
];

const manLine = (step: string): string =>
  /^\/\/ {3}man (.*)$/m.exec(readFileSync(join(repository, "steps", step, "main.ts"), "utf8"))![1]!;
