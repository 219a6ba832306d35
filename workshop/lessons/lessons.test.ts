// A lesson is what lessons/README.md says it is, and shows the code as it is.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { repository } from "../../lib/paths.ts";
import { slug } from "../site/markdown.ts";
import { folder, lessonFiles, readLesson } from "./fences.ts";
import { scenesOf } from "./transcript.ts";
import { woven } from "./weave.ts";

const SECTIONS = [
  "What you will build",
  "Try it",
  "The code",
  "What the kernel did",
  "Break it",
  "Your turn",
  "Questions",
  "Further reading",
];

const headings = (text: string): string[] =>
  [...prose(text).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!);

/** The lesson without its fences. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "");

/** Texts for readers that are no lesson are read for their links only. */
const texts = ["README.md", ...readdirSync(folder).map((name) => join("lessons", name))].filter((name) =>
  name.endsWith(".md"),
);

describe.each(lessonFiles())("%s", (file) => {
  const text = readLesson(file);

  test("shows the code as it is: npm run lessons:weave", () => expect(woven(text)).toBe(text));

  test("has a title, minutes, and a step that exists", () => {
    const [front] = /^---\n[\s\S]*?\n---\n/.exec(text) ?? [""];
    expect(front).toMatch(/^title: \S/m);
    expect(Number(/^minutes: (\d+)/m.exec(front)?.[1])).toBeGreaterThanOrEqual(10);
    const step = /^step: (\S+)/m.exec(front)?.[1];
    if (step) expect(existsSync(join(repository, "steps", step, "main.ts"))).toBe(true);
  });

  test("has the sections of a lesson, in their order", () => {
    const has = headings(text).filter((title) => SECTIONS.includes(title));
    expect(has).toEqual(/^step:/m.test(text) ? SECTIONS : SECTIONS.filter((title) => has.includes(title)));
  });

  test("answers its questions", () => {
    const questions = /^## Questions\n([\s\S]*?)(^## |$(?![\s\S]))/m.exec(text)?.[1] ?? "";
    const answers = [...questions.matchAll(/<summary>(.*)<\/summary>([\s\S]*?)<\/details>/g)];
    expect(answers.length).toBeGreaterThanOrEqual(3);
    expect(answers.filter(([, , answer]) => answer!.trim().length < 40)).toEqual([]);
  });

  test("has slides, notes for the speaker, and transcripts", () => {
    expect(text.match(/^<!-- slide/gm)?.length).toBeGreaterThanOrEqual(5);
    expect(text).toContain("<summary>Speaker notes</summary>");
    expect(scenesOf(text).length).toBeGreaterThan(0);
  });
});

test.each(texts)("every link of %s leads somewhere", (name) => {
  const text = prose(readFileSync(join(repository, name), "utf8"));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, href]) => href!);
  const local = links.filter((href) => !/^(https?|mailto):/.test(href));
  expect(local.filter((href) => !leadsSomewhere(name, href))).toEqual([]);
});

function leadsSomewhere(name: string, href: string): boolean {
  const [path, anchor] = href.split("#");
  const file = path ? join(repository, dirname(name), path) : join(repository, name);
  if (!existsSync(file)) return false;
  return !anchor || headings(readFileSync(file, "utf8")).map(slug).includes(anchor);
}

const pictures = readdirSync(join(folder, "images")).filter((name) => name.endsWith(".svg"));
const style = readFileSync(join(folder, "images/style.css"), "utf8").replace(/\s+/g, " ").trim();

test.each(pictures)("%s follows the reader's colours, has a title and is shown", (name) => {
  const svg = readFileSync(join(folder, "images", name), "utf8");
  expect(svg.replace(/\s+/g, " ")).toContain(style);
  expect(svg).toMatch(/<svg [^>]*class="diagram"/);
  expect(svg).toMatch(/<title>[^<]+<\/title>/);
  const shown = texts.some((text) =>
    readFileSync(join(repository, text), "utf8").includes(`images/${name})`),
  );
  expect(shown).toBe(true);
});
