// The first page: what the book is, in the README's own words, and its lessons.
import type { Block } from "./blocks.ts";
import { type Book, lessonsOf, type Page } from "./book.ts";
import { readSource } from "./files.ts";
import { type Html, html } from "./html.ts";
import { type Context, renderBlocks } from "./markdown.ts";
import { wholePage } from "./shell.ts";
import { walls } from "./walls.ts";

/** The first page. `context` is the README's. */
export function renderCover(book: Book, context: Context | undefined): Html {
  const lessons = lessonsOf(book);
  const first = lessons[0];
  const body = html`<div class="cover">
<header><div><h1>${book.title}</h1>${context && renderBlocks(paragraph(context.page), context)}
<p class="start">${first && html`<a href="${first.name}.html">Begin</a>`}<a href="#" data-continue hidden>Continue</a></p></div><div class="cover-walls">${walls(7)}</div></header>
<h2 class="hidden-text">Lessons</h2>
<ol class="index">${lessons.map(row)}</ol>
</div>`;
  return wholePage(book, { title: book.title, name: "index", base: "", body });
}

const paragraph = ({ blocks }: Page): Block[] =>
  blocks.filter((block) => block.kind === "token" && block.token.type === "paragraph").slice(0, 1);

function row({ name, title, lesson }: Page): Html {
  const { number, minutes, step } = lesson!;
  return html`<li data-lesson="${name}"><a href="${name}.html">${walls(Math.min(number, 7))}<b>${title}</b><span class="minutes">${minutes} min</span><small>${step && whatIsNew(step)}</small></a></li>`;
}

/** What a step says of itself in its second line. */
const whatIsNew = (step: string): string =>
  /^\/\/ {3}new +(.*)$/m.exec(readSource(`steps/${step}/main.ts`))?.[1] ?? "";
