// The site as data: what is at which address. Written to files, or served, or tested.
import { join } from "node:path";
import { repository } from "../../lib/paths.ts";
import { makeAssets } from "./assets.ts";
import { type Book, lessonsOf, type Page, readBook } from "./book.ts";
import { castScript, readCasts } from "./casts.ts";
import { renderCover } from "./cover.ts";
import { renderDeck } from "./deck.ts";
import { resolveLink } from "./links.ts";
import type { Context } from "./markdown.ts";
import { renderPage } from "./page.ts";
import { searchScript } from "./search.ts";
import { slidesAddress } from "./shell.ts";
import { renderSource } from "./source.ts";

export type Site = Map<string, string>;

/** Makes the site of the lessons in a folder. @throws {UsageError} for a link, region or picture that is not there */
export async function makeSite(lessons = join(repository, "lessons")): Promise<Site> {
  const book = readBook(lessons);
  const casts = readCasts(join(lessons, "casts"));
  const pages = new Map<string, string>();
  const readme = book.pages.find(({ name }) => name === "readme");
  pages.set("index.html", renderCover(book, readme && contextFor(book, readme, "")).html);
  for (const page of book.pages) {
    const own = casts.filter(({ name }) => page.lesson && name.startsWith(page.name.slice(0, 2)));
    pages.set(`${page.name}.html`, renderPage(book, contextFor(book, page, ""), own).html);
  }
  for (const page of lessonsOf(book))
    pages.set(slidesAddress(page), renderDeck(book, contextFor(book, page, "../")).html);
  for (const path of sourcesIn(pages)) pages.set(`source/${path}.html`, renderSource(book, path).html);
  const data = casts.map((cast) => [`casts/${cast.name}.js`, castScript(cast)] as const);
  return new Map([
    ...pages,
    ...data,
    ["assets/search-index.js", searchScript(book)],
    ...(await makeAssets()),
  ]);
}

function contextFor(book: Book, page: Page, base: string): Context {
  const resolve = (from: Page, href: string): string => {
    const address = resolveLink(book, from, href);
    const here = `${page.name}.html#`;
    if (base === "" && address.startsWith(here)) return address.slice(here.length - 1);
    return /^[a-z]+:/.test(address) ? address : base + address;
  };
  return { page, base, resolve };
}

/** The files of the repository that pages lead to. */
const sourcesIn = (pages: Map<string, string>): string[] => [
  ...new Set(
    [...pages.values()].flatMap((page) =>
      [...page.matchAll(/href="(?:\.\.\/)*source\/([^"#]+)\.html/g)].map((found) => found[1]!),
    ),
  ),
];
