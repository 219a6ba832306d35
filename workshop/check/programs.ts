// What is checked: the learner's playground as one file of JavaScript, or any command line.
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { type BuildFailure, buildSync } from "esbuild";
import { type Program, program } from "../../checks/programs.ts";
import { asOneFile } from "../../checks/steps.ts";
import { repository } from "../../lib/paths.ts";
import { UsageError } from "../../lib/report.ts";

/** A TypeScript program that cannot be read: where and why, as lines. */
export class Unreadable extends Error {}

/**
 * The program whose main file is `path`. Bundled once, so that it starts in a tenth of the time, and written anew for
 * each run: one that deletes its own directory deletes a copy. @throws {Unreadable}
 */
export function bundled(path: string, step: number): Program {
  const text = bundle(path);
  const name = relative(repository, path);
  const words = (directory: string) => [process.execPath, "--enable-source-maps", directory];
  return {
    ...program(name, step, []),
    start: (args, directory) => [...words(unpack(text, directory)), ...args],
  };
}

/** The program that `words` start, told as a shell would be. @throws {UsageError} */
export function named(words: string, step: number): Program {
  const { status, stdout } = spawnSync("sh", ["-c", `printf '%s\\0' ${words}`], { encoding: "utf8" });
  const list = stdout.split("\0").slice(0, -1);
  if (status !== 0 || !list[0]) throw new UsageError(`--program: expected a command line, got '${words}'`);
  return program(words, step, list);
}

function bundle(path: string): string {
  try {
    const { outputFiles } = buildSync({
      ...asOneFile(path),
      outfile: join(path, "..", "main.mjs"), // the addresses of sources start there
      sourceRoot: `file://${join(path, "..")}/`,
      sourcemap: "inline",
      sourcesContent: false,
      write: false,
      logLevel: "silent",
    });
    return outputFiles[0]!.text;
  } catch (error) {
    throw new Unreadable(complaints(error as BuildFailure).join("\n"));
  }
}

const complaints = ({ errors }: BuildFailure): string[] =>
  errors.map(({ text, location }) => {
    if (!location) return text;
    const file = relative(repository, join(process.cwd(), location.file));
    return `${file}:${location.line}:${location.column + 1}: ${text}\n    ${location.lineText.trim()}`;
  });

/** Writes the bundle with what it looks for beside itself: the addon and its loader. */
function unpack(text: string, directory: string): string {
  const place = join(directory, "playground");
  mkdirSync(place, { recursive: true });
  for (const path of ["native/build", "native/prebuilds", "node_modules"])
    symlinkSync(join(repository, path), join(place, basename(path)));
  writeFileSync(join(place, "main.mjs"), text);
  return join(place, "main.mjs");
}
