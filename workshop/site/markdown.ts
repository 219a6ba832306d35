// Blocks of a lesson as markup.
import { basename, dirname, join } from "node:path";
import { Marked, type RendererObject, type Token, type Tokens } from "marked";
import { repository } from "../../lib/paths.ts";
import type { Block } from "./blocks.ts";
import type { Page } from "./book.ts";
import { renderCode, renderDiff } from "./code.ts";
import { renderConsole } from "./console.ts";
import { readFence } from "./fence.ts";
import { escapeText, type Html, html, raw, textOf } from "./html.ts";
import { linkManuals } from "./man.ts";
import { inlinePicture } from "./pictures.ts";

/** What markup depends on: the page it is for, where links lead, and the way to the site's first folder. */
export type Context = { page: Page; base: string; resolve: (page: Page, href: string) => string };

/** Markup of some blocks. Slide marks and speaker notes have none. */
export function renderBlocks(blocks: Block[], context: Context): Html {
  const marked = new Marked({ renderer: rendererFor(context) });
  const render = (block: Block): Html => {
    if (block.kind === "mark" || block.kind === "notes") return html``;
    if (block.kind === "folded")
      return html`<details><summary>${raw(marked.parseInline(block.summary) as string)}</summary>${block.blocks.map(render)}</details>`;
    return raw(marked.parser([block.token]));
  };
  return html`${blocks.map(render)}`;
}

/** The id of a heading, as GitHub makes it. */
export const slug = (title: string): string =>
  textOf(title)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

function rendererFor(context: Context): RendererObject {
  let links = 0; // how many links we are in: none may be in another
  return {
    heading({ tokens, depth, text }) {
      const id = slug(text);
      const words = raw(this.parser.parseInline(tokens));
      return headingOf(depth, id, words).html;
    },
    code({ lang = "", text }) {
      return renderFence(lang, text, context).html;
    },
    codespan({ text }) {
      const [, name, section] = /^([\w.+-]+)\(([1-8])\)$/.exec(text) ?? [];
      const code = name && section && links === 0 ? linkManuals(text) : html`${text}`;
      return html`<code>${code}</code>`.html;
    },
    text(token) {
      if ("tokens" in token && token.tokens) return this.parser.parseInline(token.tokens);
      if (token.type === "escape" || links > 0) return escapeText(token.text);
      return linkManuals(token.text).html;
    },
    link({ href, title, tokens }) {
      links++;
      const words = raw(this.parser.parseInline(tokens));
      links--;
      const hover = title ? html` title="${title}"` : html``;
      return html`<a href="${context.resolve(context.page, href)}"${hover}>${words}</a>`.html;
    },
    paragraph({ tokens }) {
      const [only] = tokens;
      if (tokens.length === 1 && only?.type === "image") return this.parser.parseInline(tokens);
      return `<p>${this.parser.parseInline(tokens)}</p>`;
    },
    image({ href, text }) {
      const file = join(repository, dirname(context.page.file), href);
      const picture = inlinePicture(file, text, basename(href, ".svg"));
      return html`<figure class="picture">${picture}</figure>`.html;
    },
    table(token) {
      const cells = (row: Tokens.TableCell[], tag: string) =>
        row.map((cell) => raw(`<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`));
      const rows = token.rows.map((row) => html`<tr>${cells(row, "td")}</tr>`);
      return html`<div class="scroll" tabindex="0"><table><thead><tr>${cells(token.header, "th")}</tr></thead><tbody>${rows}</tbody></table></div>`
        .html;
    },
    blockquote({ tokens }) {
      return quote(tokens, (inner) => this.parser.parse(inner)).html;
    },
  };
}

function renderFence(info: string, text: string, { base, page }: Context): Html {
  const fence = readFence(info, text);
  if (fence.language === "console") return renderConsole(fence, page.terminals);
  if (fence.language === "diff" && fence.attributes.to) return renderDiff(fence, base);
  return renderCode(fence, base);
}

function headingOf(depth: number, id: string, words: Html): Html {
  const level = raw(`h${depth}`);
  const [, attempt, rest] = /^(Attempt \d+):?\s*(.*)$/.exec(words.html) ?? [];
  const title = attempt ? html`<span>${attempt}</span>${raw(rest ?? "")}` : words;
  const anchor = html`<a class="anchor" href="#${id}" aria-label="Link to this section">#</a>`;
  return html`<${level} id="${id}"${attempt && raw(' class="attempt"')}>${title}${depth > 1 && anchor}</${level}>`;
}

const KINDS: Record<string, string> = {
  WARNING: "Careful",
  CAUTION: "Careful",
  IMPORTANT: "Important",
  TIP: "Tip",
};

/** A quotation, or an aside when it begins with `[!NOTE]` or the like. */
function quote(tokens: Token[], parse: (tokens: Token[]) => string): Html {
  const [, kind] = /^\[!(\w+)\]/.exec(tokens[0]?.raw ?? "") ?? [];
  if (!kind) return html`<blockquote>${raw(parse(tokens))}</blockquote>`;
  const body = raw(parse(tokens).replace(/\[!\w+\]\s*(<br>)?/, ""));
  if (KINDS[kind])
    return html`<div role="note" class="note warning"><p class="note-title">${KINDS[kind]}</p>${body}</div>`;
  const inMargin = tokens.every(({ type }) => type === "paragraph" || type === "space");
  return html`<div role="note" class="note${inMargin && " aside"}">${body}</div>`;
}
