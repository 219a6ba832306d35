// The repository's files, as lessons speak of them: a path, perhaps a region of it.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../lib/paths.ts";
import { UsageError } from "../../lib/report.ts";

/** Where a region is in its file; lines count from 1. */
export type Place = { path: string; first: number; last: number };

/** What `from=path#region` means; a whole file without a region. @throws {UsageError} if there is no such thing */
export function locate(reference: string): Place {
  const [path = "", region] = reference.split("#");
  const lines = readFileSync(join(repository, path), "utf8").trimEnd().split("\n");
  if (!region) return { path, first: 1, last: lines.length };
  const start = lines.findIndex((line) => marks(line, `#region ${region}`));
  const end = lines.findIndex((line, i) => i > start && marks(line, "#endregion"));
  if (start < 0 || end < 0) throw new UsageError(`${path} has no region ${region}`);
  return { path, first: start + 2, last: end };
}

/** Whether a line is a comment of these words, in C++ and TypeScript or in a shell's language. */
const marks = (line: string, words: string): boolean => [`// ${words}`, `# ${words}`].includes(line.trim());

/** Whether the repository has a file at `path`. */
export const isFile = (path: string): boolean =>
  existsSync(join(repository, path)) && statSync(join(repository, path)).isFile();

export const readSource = (path: string): string => readFileSync(join(repository, path), "utf8");

/** The address of the page that shows a file of the repository, from the site's first folder. */
export const sourceAddress = (path: string): string => `source/${path}.html`;
