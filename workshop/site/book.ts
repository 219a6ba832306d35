// The pages: lessons in their order, and the texts around them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { repository } from "../../lib/paths.ts";
import { type Block, blocksOf } from "./blocks.ts";

export type Page = {
  /** Its address without `.html`. */
  name: string;
  /** Where its text is, seen from the repository. */
  file: string;
  title: string;
  blocks: Block[];
  /** How many terminals its transcripts use. */
  terminals: number;
  lesson?: Lesson;
};

export type Lesson = { number: number; minutes: number; step?: string; needs: string[] };

export type Book = { title: string; pages: Page[] };

/** Reads the book whose lessons are in `folder`; a README.md beside the folder is part of it. */
export function readBook(folder = join(repository, "lessons")): Book {
  const names = readdirSync(folder).filter((name) => /^(\d\d-.*|help|instructor|machines)\.md$/.test(name));
  const files = names.sort().map((name) => join(folder, name));
  const readme = join(folder, "..", "README.md");
  const pages = [...files, ...(existsSync(readme) ? [readme] : [])].map(readPage);
  return { title: pages.find(({ name }) => name === "readme")?.title ?? "Lessons", pages };
}

export const lessonsOf = (book: Book): Page[] => book.pages.filter(({ lesson }) => lesson);

function readPage(file: string): Page {
  const { values, body } = frontMatter(readFileSync(file, "utf8"));
  const blocks = blocksOf(body);
  const first = blocks[0];
  const title = first?.kind === "heading" && first.level === 1 ? first.token.text : undefined;
  const name = basename(file, ".md").toLowerCase();
  return {
    name,
    file: relative(repository, file),
    title: values.title ?? title ?? name,
    terminals: new Set(
      [...body.matchAll(/^```console(?=.*\bterm=(\w+))?/gm)].map((found) => found[1] ?? "host"),
    ).size,
    blocks: title === undefined ? blocks : blocks.slice(1),
    ...(/^\d\d-/.test(name) ? { lesson: lessonFrom(name, values) } : {}),
  };
}

const lessonFrom = (name: string, { minutes, step, needs }: Record<string, string>): Lesson => ({
  number: Number(name.slice(0, 2)),
  minutes: Number(minutes),
  ...(step ? { step } : {}),
  needs: listOf(needs),
});

/** The words of `[root, rootfs]` or `root,rootfs`. */
export const listOf = (text = ""): string[] =>
  text
    .replace(/[[\]\s]/g, "")
    .split(",")
    .filter(Boolean);

/** The lines between `---` and `---`, each `key: value # comment`. */
export function frontMatter(text: string): { values: Record<string, string>; body: string } {
  const found = /^---\n([\s\S]*?)\n---\n/.exec(text);
  const lines = (found?.[1] ?? "").split("\n").filter(Boolean);
  const pairs = lines.map((line) => /^(\w+): *(.*?)(?: +#.*)?$/.exec(line)!.slice(1) as [string, string]);
  return { values: Object.fromEntries(pairs), body: text.slice(found?.[0].length ?? 0) };
}
