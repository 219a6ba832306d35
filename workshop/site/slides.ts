// Which slides a lesson has: the blocks it has marked, each with the heading and the speaker notes of its section.
import type { Tokens } from "marked";
import type { Block } from "./blocks.ts";
import type { Page } from "./book.ts";

export type Slide = { title: string; blocks: Block[]; notes: Block[] };

type Heading = Extract<Block, { kind: "heading" }>;

/** The slides of a page, in order. */
export function slidesOf({ title, blocks }: Page): Slide[] {
  return blocks.flatMap((block, i) => {
    if (block.kind !== "mark") return [];
    const picked = blocks
      .slice(i + 1)
      .filter(isContent)
      .slice(0, block.count);
    const at = headingBefore(blocks, blocks.indexOf(picked[0]!));
    return [
      {
        title: at < 0 ? title : headingAt(blocks, at).token.text,
        blocks: picked,
        notes: notesAt(blocks, at),
      },
    ];
  });
}

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

const isContent = ({ kind }: Block): boolean => kind === "token" || kind === "folded";
const headingAt = (blocks: Block[], at: number) => blocks[at] as Heading;
const headingBefore = (blocks: Block[], before: number): number =>
  blocks.findLastIndex(({ kind }, i) => kind === "heading" && i < before);

/** The notes in the section that the heading at `at` begins, or in the one around it. */
function notesAt(blocks: Block[], at: number): Block[] {
  const level = at < 0 ? 0 : headingAt(blocks, at).level;
  const end = blocks.findIndex(
    (block, i) => i > at && block.kind === "heading" && (at < 0 || block.level <= level),
  );
  const notes = blocks.slice(at + 1, end < 0 ? undefined : end).find(({ kind }) => kind === "notes");
  if (notes?.kind === "notes") return notes.blocks;
  const around = blocks.findLastIndex(
    (block, i) => i < at && block.kind === "heading" && block.level < level,
  );
  return around < 0 ? [] : notesAt(blocks, around);
}
