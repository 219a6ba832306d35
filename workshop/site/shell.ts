// What is around every page: head, navigation, the way on.
import { type Book, lessonsOf, type Page } from "./book.ts";
import { type Html, html, raw } from "./html.ts";
import { slug } from "./markdown.ts";
import { walls } from "./walls.ts";

/** Before anything is painted: scripts work here, and the reader may have chosen a theme. */
export const EARLY = raw(
  `<script>document.documentElement.classList.add("js");try{const t=JSON.parse(localStorage.getItem("theme"));if(t)document.documentElement.dataset.theme=t}catch{}</script>`,
);

export type Frame = { title: string; name: string; base: string; body: Html; page?: Page };

/** A whole page. */
export function wholePage(book: Book, { title, name, base, body, page }: Frame): Html {
  return html`<!doctype html>
<html lang="en" data-base="${base}" data-page="${name}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title === book.title ? title : `${title} · ${book.title}`}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${base}assets/site.css">
${EARLY}
<script src="${base}assets/site.js" defer></script>
</head>
<body class="page">
<a class="skip" href="#main">Skip to the text</a>
<header class="bar"><button popovertarget="lessons">Lessons</button><a href="${base}index.html">${title}</a><button class="needs-script" data-search>Search</button></header>
${navigation(book, base, page)}
<main id="main">${body}</main>
</body>
</html>
`;
}

function navigation(book: Book, base: string, page: Page | undefined): Html {
  const lessons = lessonsOf(book).map((each) => lessonItem(each, base, page));
  const others = book.pages
    .filter(({ lesson }) => !lesson)
    .map(
      (each) =>
        html`<li><a href="${base}${each.name}.html"${current(each, page)}>${each.name === "readme" ? "About" : each.title}</a></li>`,
    );
  const slides = page?.lesson && html`<a href="${base}${slidesAddress(page)}" data-slides>Slides</a>`;
  return html`<nav class="side" id="lessons" aria-label="Lessons" popover>
<a class="brand" href="${base}index.html">${walls(3, 3)}<span>${book.title}</span></a>
<button class="open-search needs-script" data-search>Search <kbd class="key">/</kbd></button>
<ol class="lessons">${lessons}</ol>
<ol class="others">${others}</ol>
<div class="tools">${slides}<button class="needs-script" data-theme-toggle aria-label="Light or dark" title="Light or dark">◐</button><button class="needs-script" data-keys aria-label="Keys" title="Keys">?</button></div>
</nav>`;
}

function lessonItem(each: Page, base: string, page: Page | undefined): Html {
  return html`<li data-lesson="${each.name}"><a class="lesson-link" href="${base}${each.name}.html"${current(each, page)}><span class="number">${each.lesson?.number}</span><span>${each.title}</span><span class="read" role="img" aria-label="read" hidden>✓</span></a>${
    each === page && contents(each)
  }</li>`;
}

/** The sections of a page, for the navigation. */
function contents({ blocks }: Page): Html {
  const items = blocks.flatMap((block) =>
    block.kind === "heading" && block.level === 2
      ? [html`<li><a href="#${slug(block.token.text)}">${block.token.text.replace(/`/g, "")}</a></li>`]
      : [],
  );
  return html`<ol class="contents">${items}</ol>`;
}

const current = (each: Page, page: Page | undefined): Html =>
  each === page ? html` aria-current="page"` : html``;

export const slidesAddress = ({ lesson }: Page): string =>
  `slides/${String(lesson!.number).padStart(2, "0")}.html`;
