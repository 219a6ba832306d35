// The slides of a lesson as a page: on the stage one at a time, in the speaker's window with notes, on paper all.
import type { Book, Page } from "./book.ts";
import { type Html, html, raw } from "./html.ts";
import { type Context, renderBlocks } from "./markdown.ts";
import { measure } from "./measure.ts";
import { EARLY } from "./shell.ts";
import { type Slide, slidesOf } from "./slides.ts";
import { walls } from "./walls.ts";

/** The slides of a lesson as a whole page; it lies in a folder below the site's first. */
export function renderDeck(book: Book, context: Context): Html {
  const { page } = context;
  const slides = slidesOf(page);
  return html`<!doctype html>
<html lang="en" data-base="../" data-lesson="${page.name}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${page.title} · Slides · ${book.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="../assets/slides.css">
${EARLY}
<script src="../assets/slides.js" defer></script>
</head>
<body class="slides">
<main>
<h1 class="hidden-text">${page.title}: slides</h1>
${titleSlide(page)}
${slides.map((slide, i) => renderSlide(slide, i, context))}
</main>
${desk(page)}
${slides.map(({ notes }, i) => html`<template id="notes-${i + 1}">${renderBlocks(notes, context)}</template>`)}
</body>
</html>
`;
}

function titleSlide({ title, name, lesson }: Page): Html {
  const { number, minutes } = lesson!;
  return html`<section class="slide title">${walls(Math.min(number, 7))}<p>Lesson ${number}</p><h2>${title}</h2><p>${minutes} minutes</p><a class="hidden-text" href="../${name}.html" data-lesson-link tabindex="-1">The lesson</a></section>`;
}

function renderSlide({ title, blocks, notes }: Slide, i: number, context: Context): Html {
  const { lines, columns } = measure(blocks);
  const size = raw(`--lines:${lines.toFixed(1)};--columns:${columns}`);
  const { number } = context.page.lesson!;
  return html`<section class="slide"${notes.length > 0 && raw(` data-notes="notes-${i + 1}"`)}><h2>${inline(title)}</h2>
<div class="content" style="${size}">${renderBlocks(blocks, context)}</div>
<footer><span>Lesson ${number} · ${context.page.title}</span><span>${i + 2}</span></footer></section>`;
}

/** The code in a heading. */
const inline = (title: string): Html =>
  html`${title.split("`").map((part, i) => (i % 2 ? html`<code>${part}</code>` : part))}`;

const desk = ({ lesson }: Page): Html => html`<div class="desk" data-minutes="${lesson!.minutes}" hidden>
<section class="notes-now" aria-label="Notes" aria-live="polite"></section>
<section class="time" aria-label="Time"><div class="elapsed" role="timer">0:00</div><progress max="${lesson!.minutes}" value="0" aria-label="Time of the lesson"></progress>
<p>of ${lesson!.minutes} minutes · slide <span class="count"></span></p>
<p><button class="back">← Back</button> <button class="on">Next →</button> <button class="restart">From 0:00</button></p></section>
</div>`;
