// What is too long for one slide goes over several: between two blocks; source text where it has a gap, a transcript
// where something is typed.
import type { Tokens } from "marked";
import { PROMPT } from "../lessons/transcript.ts";
import type { Block } from "./blocks.ts";
import { readFence } from "./fence.ts";
import { measure } from "./measure.ts";

/** Lines of source text that can be read on a slide, and lines of anything that find room. */
const MOST = 24;
const ROOM = 31;

/** The blocks of one slide as those of several, if one of them is too long. */
export const splitBlocks = (blocks: Block[]): Block[][] => splitCode(blocks).flatMap(packBlocks);

/** Fills slides one after the other. A paragraph stays with what it introduces. */
function packBlocks(blocks: Block[]): Block[][] {
  const slides: Block[][] = [[]];
  for (const group of groups(blocks)) {
    const filled = [...slides.at(-1)!, ...group];
    if (slides.at(-1)!.length > 0 && measure(filled).lines > ROOM) slides.push(group);
    else slides[slides.length - 1] = filled;
  }
  return slides;
}

function groups(blocks: Block[]): Block[][] {
  const all: Block[][] = [[]];
  for (const block of blocks) {
    all.at(-1)!.push(block);
    if (block.kind !== "token" || block.token.type !== "paragraph") all.push([]);
  }
  return all.filter((group) => group.length > 0);
}

function splitCode(blocks: Block[]): Block[][] {
  const at = blocks.findIndex((block) => cutOf(block) > 0);
  if (at < 0) return [blocks];
  const [head, tail] = cutBlock(blocks[at]!, cutOf(blocks[at]!));
  return [[...blocks.slice(0, at), head], ...splitCode([tail, ...blocks.slice(at + 1)])];
}

/** How many lines of a block come before its cut; 0 if it needs none, or has no place for one. */
function cutOf(block: Block): number {
  if (block.kind !== "token" || block.token.type !== "code") return 0;
  const { text, lang = "" } = block.token as Tokens.Code;
  const lines = text.split("\n");
  if (lines.length <= MOST) return 0;
  const isPlace = lang.startsWith("console")
    ? (i: number) => PROMPT.test(lines[i]!)
    : (i: number) => /^[ ]?$/.test(lines[i - 1]!) || lines[i]!.startsWith("@@");
  const places = lines.map((_, i) => i).filter((i) => i > MOST / 3 && isPlace(i));
  const good = places.findLast((i) => i <= MOST);
  return good ?? (lang.startsWith("console") ? (places[0] ?? 0) : MOST);
}

/** Two blocks of one; in the second, `skip=` is how many lines came before it. */
function cutBlock(block: Block, cut: number): [Block, Block] {
  const token = (block as Extract<Block, { kind: "token" }>).token as Tokens.Code;
  const lines = token.text.split("\n");
  const { attributes } = readFence(token.lang ?? "", "");
  const skip = Number(attributes.skip ?? 0) + cut;
  const part = (text: string[], lang = token.lang): Block => ({
    kind: "token",
    token: { ...token, text: text.join("\n").trimEnd(), lang },
  });
  return [part(lines.slice(0, cut)), part(lines.slice(cut), `${token.lang} skip=${skip}`)];
}
