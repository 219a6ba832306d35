// How large blocks of a lesson are on a slide, before there is a browser to ask.
import type { Tokens } from "marked";
import type { Block } from "./blocks.ts";

/** How large a slide's blocks are, in lines and columns of source text: decides the size of its type. */
export function measure(blocks: Block[]): { lines: number; columns: number } {
  const sizes = blocks.map((block) =>
    block.kind === "token" ? sizeOf(block.token as Tokens.Generic) : { lines: 2, columns: 40 },
  );
  return {
    lines: sizes.reduce((sum, { lines }) => sum + lines + 0.6, 0),
    columns: Math.max(40, ...sizes.map(({ columns }) => columns)),
  };
}

const WIDTH = 58; // characters of running text in a line

function sizeOf(token: Tokens.Generic): { lines: number; columns: number } {
  if (token.type === "code") return sizeOfCode(token as Tokens.Code);
  if (token.type === "table") return { lines: (token as Tokens.Table).rows.length * 1.9 + 1.7, columns: 40 };
  if (token.raw.startsWith("![")) return { lines: 17, columns: 40 };
  const lines = token.raw
    .trimEnd()
    .split("\n")
    .join(token.type === "paragraph" ? " " : "\n")
    .split("\n");
  return { lines: lines.reduce((sum, line) => sum + Math.ceil(line.length / WIDTH) * 1.25, 0), columns: 40 };
}

/** A figure has a caption, and lines of a file have numbers. */
function sizeOfCode({ text, lang = "" }: Tokens.Code): { lines: number; columns: number } {
  const lines = text.split("\n");
  const longest = Math.max(...lines.map(({ length }) => length));
  return { lines: lines.length + 2.6, columns: longest + (lang.includes("from=") ? 7 : 3) };
}
