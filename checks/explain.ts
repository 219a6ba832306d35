// What is printed of a check that does not hold.
import type { Check } from "./check.ts";
import type { Program } from "./programs.ts";
import type { Verdict } from "./run.ts";

const EXCERPT = 600;

/** Title, hint, and what was run and seen: lines for a reader. */
export const explain = ({ title, since }: Check, { name }: Program, { hint, args, output }: Verdict) =>
  [
    `✗ ${title}  (since step ${since})`,
    "",
    hint,
    "",
    `  ${name}: ${args.map(quoted).join(" ")}`,
    `  exit status: ${output.status ?? "none, it was stopped"}`,
    ...excerpt("stdout", output.stdout),
    ...excerpt("stderr", output.stderr),
  ].join("\n");

const quoted = (word: string) =>
  shortened(/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const excerpt = (name: string, text: string) =>
  text === ""
    ? []
    : [
        `  ${name}:`,
        ...shortened(text)
          .trimEnd()
          .split("\n")
          .map((line) => `    ${line}`),
      ];

const shortened = (text: string) => (text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text);
