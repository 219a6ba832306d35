// The page of a lesson, or of another text.
import type { Block } from "./blocks.ts";
import { type Book, lessonsOf, type Page } from "./book.ts";
import { type Cast, renderCast } from "./casts.ts";
import { type Html, html } from "./html.ts";
import { type Context, renderBlocks, slug } from "./markdown.ts";
import { inWords } from "./needs.ts";
import { wholePage } from "./shell.ts";
import { walls } from "./walls.ts";

/** A text as a whole page. */
export function renderPage(book: Book, context: Context, casts: Cast[]): Html {
  const { page, base } = context;
  const [lead = [], ...sections] = sectionsOf(page.blocks);
  const body = html`<article class="${page.lesson ? "lesson" : "text"}">
${opening(page)}
<div class="lead-in">${renderBlocks(lead, context)}</div>
${casts.map(renderCast)}
${sections.map((section) => renderSection(section, context))}
</article>
${turn(book, page)}`;
  return wholePage(book, { title: page.title, name: page.name, base, body, page });
}

/** The blocks before the first heading of level 2, then each such heading with what is below it. */
export function sectionsOf(blocks: Block[]): Block[][] {
  const sections: Block[][] = [[]];
  for (const block of blocks) {
    if (block.kind === "heading" && block.level === 2) sections.push([]);
    sections.at(-1)!.push(block);
  }
  return sections;
}

function renderSection(blocks: Block[], context: Context): Html {
  const [heading] = blocks;
  const name = heading?.kind === "heading" ? slug(heading.token.text) : "";
  return html`<section class="${name}">${renderBlocks(blocks, context)}</section>`;
}

function opening({ title, lesson }: Page): Html {
  if (!lesson) return html`<header class="opening"><h1>${title}</h1></header>`;
  const facts = [
    `Lesson ${lesson.number}`,
    `${lesson.minutes} minutes`,
    lesson.needs.length > 0 && inWords(lesson.needs),
  ];
  return html`<header class="opening">${walls(Math.min(lesson.number, 7))}<p>${facts.filter(Boolean).join(" · ")}</p><h1>${title}</h1></header>`;
}

/** The links to the lessons before and after. */
function turn(book: Book, page: Page): Html {
  const lessons = lessonsOf(book);
  const at = lessons.indexOf(page);
  const previous = at > 0 ? lessons[at - 1] : undefined;
  const next = at >= 0 ? lessons[at + 1] : undefined;
  return html`<nav class="turn" aria-label="Previous and next">
${previous && html`<a class="previous" rel="prev" href="${previous.name}.html"><small>← Previous</small><b>${previous.title}</b></a>`}
${next && html`<a class="next" rel="next" href="${next.name}.html"><small>Next →</small><b>${next.title}</b></a>`}
</nav>`;
}
