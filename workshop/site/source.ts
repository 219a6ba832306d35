// Pages for the files that lessons name.
import { basename } from "node:path";
import type { Book } from "./book.ts";
import { renderFile } from "./code.ts";
import { readSource } from "./files.ts";
import { type Html, html } from "./html.ts";
import { wholePage } from "./shell.ts";

/** The page that shows the file of the repository at `path`. */
export function renderSource(book: Book, path: string): Html {
  const base = "../".repeat(path.split("/").length);
  const body = html`<article class="file"><header class="opening"><p>${path}</p><h1>${basename(path)}</h1></header>
${renderFile(path, readSource(path))}</article>`;
  return wholePage(book, { title: path, name: `source/${path}`, base, body });
}
