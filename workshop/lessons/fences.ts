// The fenced blocks of a lesson, with the lines they stand on: what weave fills in and the terminals act out.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fromCaller, repository } from "../../lib/paths.ts";
import { type Fence, readFence } from "../site/fence.ts";

export const folder = join(repository, "lessons");

/** A fence and where its first line of text is; lines count from 1. */
export type PlacedFence = Fence & { line: number };

/** The lessons whose names begin with `start`, or the one in a file elsewhere: `05` → `lessons/05-cgroups.md`. */
export const lessonFiles = (start = ""): string[] =>
  start.endsWith(".md")
    ? [relative(repository, fromCaller(start))]
    : readdirSync(folder)
        .filter((name) => /^\d\d-.*\.md$/.test(name) && name.startsWith(start))
        .sort()
        .map((name) => join("lessons", name));

export const readLesson = (file: string): string => readFileSync(join(repository, file), "utf8");

export const writeLesson = (file: string, text: string): void => writeFileSync(join(repository, file), text);

/** The fences that begin at the margin. */
export function fencesOf(markdown: string): PlacedFence[] {
  const lines = markdown.split("\n");
  const fences: PlacedFence[] = [];
  for (let first = 0; first < lines.length; first++) {
    const info = /^```(.+)$/.exec(lines[first]!)?.[1];
    if (info === undefined) continue;
    const length = lines.slice(first + 1).indexOf("```");
    const text = lines.slice(first + 1, first + 1 + length).join("\n");
    fences.push({ ...readFence(info, text), line: first + 2 });
    first += length + 1;
  }
  return fences;
}

/** The lesson with other text in some of its fences. `change` returns it, or undefined to leave a fence alone. */
export function withFences(markdown: string, change: (fence: PlacedFence) => string | undefined): string {
  const lines = markdown.split("\n");
  for (const fence of fencesOf(markdown).toReversed()) {
    const text = change(fence);
    const length = lines.slice(fence.line - 1).indexOf("```");
    if (text !== undefined) lines.splice(fence.line - 1, length, ...text.split("\n"));
  }
  return lines.join("\n");
}
