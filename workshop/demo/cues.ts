// What the audience is told before a transcript: the heading it stands under, and the sentence that leads to it.
import { Marked, type Token, type Tokens } from "marked";

export type Cue = { heading: string; sentence: string };

/** The cue of each fence of a lesson, by the line of its first text, as fencesOf() counts. */
export function cuesOf(markdown: string): Map<number, Cue> {
  const cues = new Map<number, Cue>();
  let cue: Cue = { heading: "", sentence: "" };
  let line = 1;
  for (const token of new Marked().lexer(withoutFront(markdown))) {
    if (token.type === "heading") cue = { heading: textOf(token), sentence: "" };
    if (token.type === "paragraph" || token.type === "list") cue = { ...cue, sentence: lastSentence(token) };
    if (token.type === "code") cues.set(line + 1, cue);
    line += token.raw.split("\n").length - 1;
  }
  return cues;
}

/** Its lines stay, empty, so that lines can be counted. */
const withoutFront = (markdown: string): string =>
  markdown.replace(/^---\n[\s\S]*?\n---\n/, (front) => front.replace(/.*/g, ""));

const lastSentence = (token: Token): string =>
  textOf(token)
    .trim()
    .split(/(?<=[.?!])\s+(?=[\p{Lu}`“])/u)
    .at(-1)!;

/** The words of a token without what makes them bold, code or a link. */
function textOf(token: Token): string {
  const { tokens, items, text = "" } = token as Tokens.Generic;
  const inner = (items ?? tokens) as Token[] | undefined;
  return inner ? inner.map(textOf).join(items ? " " : "") : text.replace(/\s+/g, " ");
}
