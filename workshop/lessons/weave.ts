// npm run lessons:weave: writes the code and the differences that lessons show into them.
import { spawnSync } from "node:child_process";
import { repository } from "../../lib/paths.ts";
import { locate, readSource } from "../site/files.ts";
import { lessonFiles, type PlacedFence, readLesson, withFences, writeLesson } from "./fences.ts";
import { withSchedule } from "./schedule.ts";

/** The lesson as it should be. @throws {Error} for a file or region that is not there */
export const woven = (markdown: string): string => withFences(markdown, textOf);

function textOf({ attributes: { from, to } }: PlacedFence): string | undefined {
  if (from && to) return difference(from, to);
  return from ? region(from) : undefined;
}

/** What `from` names, moved to the margin. */
function region(from: string): string {
  const { path, first, last } = locate(from);
  const lines = readSource(path)
    .split("\n")
    .slice(first - 1, last);
  const indents = lines.filter(Boolean).map((line) => line.search(/\S/));
  return lines.map((line) => line.slice(Math.min(...indents))).join("\n");
}

/** As diff(1) tells it, without the two lines that name the files. */
function difference(from: string, to: string): string {
  const { stdout, stderr, status } = spawnSync("diff", ["--unified=1", from, to], {
    cwd: repository,
    encoding: "utf8",
  });
  if (status !== 1) throw new Error(stderr.trim() || `${from} and ${to} are the same`);
  return stdout.trimEnd().split("\n").slice(2).join("\n");
}

/** Weaves every lesson, and names those that changed. */
function weaveAll(): void {
  for (const file of lessonFiles()) {
    const text = readLesson(file);
    const fresh = woven(text);
    if (fresh === text) continue;
    writeLesson(file, fresh);
    console.log(`woven: ${file}`);
  }
  const instructor = "lessons/instructor.md";
  const text = readLesson(instructor);
  const fresh = withSchedule(text);
  if (fresh === text) return;
  writeLesson(instructor, fresh);
  console.log(`woven: ${instructor}`);
}

if (import.meta.filename === process.argv[1]) weaveAll();
