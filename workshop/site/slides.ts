// Which slides a lesson has: the blocks it has marked, each with the heading and the speaker notes of its section.
import type { Block } from "./blocks.ts";
import type { Page } from "./book.ts";
import { splitBlocks } from "./split.ts";

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
    const name = at < 0 ? title : headingAt(blocks, at).token.text;
    return splitBlocks(picked).map((part) => ({ title: name, blocks: part, notes: notesAt(blocks, at) }));
  });
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
