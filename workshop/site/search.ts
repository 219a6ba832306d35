// The search index: a document for each section of each page.
import { Marked } from "marked";
import MiniSearch from "minisearch";
import type { Block } from "./blocks.ts";
import type { Book, Page } from "./book.ts";
import { textOf } from "./html.ts";
import { slug } from "./markdown.ts";
import { FIELDS } from "./search-fields.ts";

export type Section = { id: string; page: string; heading: string; text: string };

/** The script that brings the index to a page that searches. */
export function searchScript(book: Book): string {
  const index = new MiniSearch<Section>(FIELDS);
  index.addAll(book.pages.flatMap(searchSections));
  return `globalThis.searchIndex = ${JSON.stringify(JSON.stringify(index))};\n`;
}

/** Headings of any level begin a section; what is before the first belongs to the page. */
export function searchSections(page: Page): Section[] {
  const address = `${page.name}.html`;
  const sections: Section[] = [{ id: address, page: page.title, heading: page.title, text: "" }];
  for (const block of page.blocks) {
    if (block.kind === "heading") {
      const heading = plainText(block.token.raw);
      sections.push({ id: `${address}#${slug(block.token.text)}`, page: page.title, heading, text: "" });
    } else sections.at(-1)!.text += `${textIn(block)} `;
  }
  return sections;
}

function textIn(block: Block): string {
  if (block.kind === "folded") return `${textOf(block.summary)} ${block.blocks.map(textIn).join(" ")}`;
  return block.kind === "token" ? plainText(block.token.raw) : "";
}

const plainText = (markdown: string): string =>
  textOf(new Marked().parse(markdown.replace(/^> \[!\w+\]$/m, "")) as string)
    .replace(/\s+/g, " ")
    .trim();
