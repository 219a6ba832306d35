// A lesson as a list of blocks: what marked finds at the top level, with folded blocks and slide marks understood.
import { Marked, type Token, type Tokens } from "marked";

/** A block of a lesson: a token of marked's, a folded block, or the mark that puts the next ones on a slide. */
export type Block =
  | { kind: "token"; token: Token }
  | { kind: "heading"; level: number; token: Tokens.Heading }
  | { kind: "folded"; summary: string; blocks: Block[] }
  | { kind: "notes"; blocks: Block[] }
  | { kind: "mark"; count: number };

const MARK = /^<!-- slide(?: (\d+))? -->\s*$/;
const FOLD = /^<details[^>]*>\s*<summary>([\s\S]*?)<\/summary>\s*$/;
const UNFOLD = /^<\/details>\s*$/;

/** The blocks of a lesson's text, front matter taken off. */
export const blocksOf = (markdown: string): Block[] => group(new Marked().lexer(markdown)).blocks;

/** Blocks up to the end of the tokens, or of the folded block they are in; `rest` is what comes after it. */
function group(tokens: Token[]): { blocks: Block[]; rest: Token[] } {
  const blocks: Block[] = [];
  let rest = tokens;
  while (rest.length > 0) {
    const [token, ...after] = rest as [Token, ...Token[]];
    rest = after;
    if (UNFOLD.test(token.raw)) break;
    const summary = token.type === "html" ? FOLD.exec(token.raw)?.[1] : undefined;
    if (summary === undefined) {
      if (token.type !== "space") blocks.push(plain(token));
      continue;
    }
    const inner = group(rest);
    blocks.push(folded(summary, inner.blocks));
    rest = inner.rest;
  }
  return { blocks, rest };
}

const folded = (summary: string, blocks: Block[]): Block =>
  summary === "Speaker notes" ? { kind: "notes", blocks } : { kind: "folded", summary, blocks };

function plain(token: Token): Block {
  if (token.type === "heading")
    return { kind: "heading", level: (token as Tokens.Heading).depth, token: token as Tokens.Heading };
  const mark = token.type === "html" ? MARK.exec(token.raw) : null;
  return mark ? { kind: "mark", count: Number(mark[1] ?? 1) } : { kind: "token", token };
}
