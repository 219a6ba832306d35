// Source text: its file, the numbers of its lines there, colours; and the difference between two files.
import { basename, dirname } from "node:path";
import type { Fence } from "./fence.ts";
import { locate, type Place, sourceAddress } from "./files.ts";
import { highlight, languageOf } from "./highlight.ts";
import { type Html, html, raw } from "./html.ts";

/** A line longer than this goes into the margin, where there is one. */
const MEASURE = 68;

/** How many characters the copy button covers, and how many go into the margin. */
const BUTTON = 9;
const MARGIN = 33;

/** Source text as a figure; `base` leads to the site's first folder. */
export function renderCode({ language, attributes, text }: Fence, base: string): Html {
  const place = attributes.from
    ? partOf(locate(attributes.from), Number(attributes.skip ?? 0), text)
    : undefined;
  const caption = place && html`<figcaption>${fileLink(place, base)}${linesOf(place)}</figcaption>`;
  const lines = highlight(text, language).map((line, i) => codeLine(line, place && place.first + i));
  return html`<figure class="code${widthOf(text)}" data-copy="">${caption ?? html`<figcaption></figcaption>`}${pre(lines)}</figure>`;
}

/** Where a text is that begins some lines into a place: a slide may show a part. */
function partOf({ path, first, last }: Place, skip: number, text: string): Place {
  const end = first + skip + text.split("\n").length - 1;
  return { path, first: first + skip, last: Math.min(last, end) };
}

/** A whole file; each line has the id L1, L2 … */
export function renderFile(path: string, text: string): Html {
  const lines = highlight(text.trimEnd(), languageOf(path));
  return html`<figure class="code${widthOf(text)}" data-copy=""><figcaption></figcaption>${pre(
    lines.map((line, i) => codeLine(line, i + 1, raw(` id="L${i + 1}"`))),
  )}</figure>`;
}

/** A unified difference as a figure. */
export function renderDiff({ attributes, text }: Fence, base: string): Html {
  const { from = "", to = "" } = attributes;
  const links = html`${fileLink(locate(from), base)} → ${fileLink(locate(to), base)}`;
  const lines = text.split("\n").filter((line) => !/^(---|\+\+\+|\\ No newline)/.test(line));
  const words = highlight(
    lines.map((line) => (line.startsWith("@@") ? "" : line.slice(1))).join("\n"),
    languageOf(to),
  );
  return html`<figure class="code diff${widthOf(text)}"><figcaption><span>${links}</span></figcaption>${pre(
    lines.map((line, i) => diffLine(line, words[i]!)),
  )}</figure>`;
}

/** The classes of a figure by its text: it may need the margin, or its first line the place of the copy button. */
export function widthOf(text: string, measure = MEASURE): string {
  const [first, ...lengths] = text.split("\n").map(({ length }) => length);
  const wide = Math.max(first!, ...lengths) > measure;
  return `${wide ? " wide" : ""}${first! > measure - BUTTON + (wide ? MARGIN : 0) ? " crowded" : ""}`;
}

const pre = (lines: Html[]): Html => html`<pre tabindex="0"><code>${lines}</code></pre>`;

const codeLine = (line: Html, number?: number, id = raw("")): Html =>
  html`<span class="line"${id}${number !== undefined && raw(` data-line="${number}"`)}>${line}\n</span>`;

function diffLine(line: string, words: Html): Html {
  const [, first] = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(line) ?? [];
  if (first) return first === "1" ? html`` : html`<span class="line skipped">⋯ line ${first}\n</span>`;
  const kind = { "+": " new", "-": " gone" }[line[0] ?? ""] ?? "";
  const sign = { "+": "+", "-": "−" }[line[0] ?? ""] ?? " ";
  return html`<span class="line${kind}"><span class="sign">${sign}</span>${words}\n</span>`;
}

function fileLink({ path, first }: Place, base: string): Html {
  const folder = dirname(path);
  return html`<a href="${base}${sourceAddress(path)}#L${first}">${folder === "." ? "" : `${folder}/`}<b>${basename(path)}</b></a>`;
}

const linesOf = ({ first, last }: Place): Html =>
  first === 1 ? html`` : html`<span>lines ${first}–${last}</span>`;
