// The learner's module: the step's own, without the bodies that are theirs to write. Comments in them stay, since they
// say why the kernel wants it so. The formatter's layout tells where a function ends.
import { todo } from "./todo.ts";

/**
 * `text` without the body of `name`, in whose place stands task `number`; `meanwhile` is what it does until then, if not
 * throw. @throws {Error} if there is no such function
 */
export function cutOut(text: string, name: string, number: number, task: string, meanwhile?: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => starts(line, name));
  if (start < 0) throw new Error(`no function ${name}`);
  const declaration = lines.slice(start, endOf(lines, start));
  return [
    ...lines.slice(0, start),
    ...emptied(declaration, name, number, task, meanwhile),
    ...lines.slice(start + declaration.length),
  ].join("\n");
}

const starts = (line: string, name: string): boolean =>
  new RegExp(`^(export )?(const|function|async function) ${name}\\b`).test(line);

/** A declaration at the left margin goes on while lines are indented, and with the bracket that closes it. */
function endOf(lines: string[], start: number): number {
  let end = start + 1;
  while (/^\s+\S|^[)\]}]/.test(lines[end] ?? "") || (lines[end] === "" && /^\s/.test(lines[end + 1] ?? "")))
    end++;
  return end;
}

function emptied(
  declaration: string[],
  name: string,
  number: number,
  task: string,
  meanwhile?: string,
): string[] {
  const head = declaration.findIndex((line) => /(=>|=> \[|=> \{|[^(,=] \{)$|=> .*;$/.test(line));
  const opening = declaration[head]!.replace(/=> \[.*;$/, "=> [").replace(/=> [^[].*;$/, "=>");
  const before = declaration.slice(0, head);
  const told = todo(number, task, "  ");
  const kept = comments(declaration.slice(head + 1));
  const reasons = kept.length > 0 ? ["", ...kept] : [];
  // A recipe without calls is one: it runs, does nothing, and the checks tell what that leaves undone.
  if (opening.endsWith("[")) return [...before, opening, ...told, ...reasons, "];"];
  const unfinished = `  ${meanwhile ?? `throw new Error("TODO ${number}: ${name}");`}`;
  const isArrow = opening.endsWith("=>");
  const closing = isArrow || opening.endsWith("=> {") ? "};" : "}";
  return [...before, isArrow ? `${opening} {` : opening, ...told, ...reasons, unfinished, closing];
}

/** The comments that have a line of `body` to themselves, with an empty line where there was code. */
function comments(body: string[]): string[] {
  const kept = body.map((line) => /^\s*(\/\/ .*)$/.exec(line)?.[1] ?? "");
  const lines = kept.filter((line, i) => line !== "" || (kept[i - 1] ?? "") !== "");
  return lines.map((line) => (line === "" ? "" : `  ${line}`)).slice(0, lines.at(-1) === "" ? -1 : undefined);
}
