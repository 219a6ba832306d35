// A transcript: what is typed on the host, what is typed in a box, and what the terminal answers.
import { type Entry, entriesOf } from "../lessons/transcript.ts";
import { widthOf } from "./code.ts";
import type { Fence } from "./fence.ts";
import { type Html, html } from "./html.ts";
import { inWords } from "./needs.ts";

/** The longest line of a transcript in the column of the text. */
const MEASURE = 74;

/** A transcript as a figure, whose copy button takes the commands alone. Of several terminals each has its name. */
export function renderConsole({ attributes, text }: Fence, terminals: number): Html {
  const entries = entriesOf(text, 1);
  const commands = entries.flatMap(({ prompt, typed }) => (prompt ? [typed] : []));
  const body = runs(entries).map(({ inside, entries }) =>
    inside
      ? html`<span class="inside">${entries.map(renderEntry)}</span>`
      : html`${entries.map(renderEntry)}`,
  );
  return html`<figure class="console${widthOf(text, MEASURE)}" data-copy="${commands.join("\n")}"><figcaption>${captions(attributes, entries, terminals)}</figcaption><pre tabindex="0"><code>${body}</code></pre></figure>`;
}

const isInBox = ({ prompt = "" }: Entry): boolean => prompt.includes("#");

/** Entries in a row that belong to the host, or to a box: from its first prompt to the host's next. */
function runs(entries: Entry[]): { inside: boolean; entries: Entry[] }[] {
  const all: { inside: boolean; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const inside = entry.prompt ? isInBox(entry) : (all.at(-1)?.inside ?? false);
    if (all.at(-1)?.inside === inside) all.at(-1)!.entries.push(entry);
    else all.push({ inside, entries: [entry] });
  }
  return all;
}

const renderEntry = ({ prompt, typed, output }: Entry): Html =>
  html`${
    prompt ? typed.split("\n").map((line, i) => typedLine(i === 0 ? prompt : "> ", line)) : pressed(typed)
  }${output.map((line) => html`<span class="output">${line}\n</span>`)}`;

const typedLine = (prompt: string, line: string): Html =>
  html`<span class="typed"><span class="prompt">${prompt}</span><kbd>${line}</kbd>\n</span>`;

const pressed = (key: string): Html =>
  html`<span class="pressed"><kbd>${key.replace("^", "Ctrl-")}</kbd>\n</span>`;

function captions(attributes: Record<string, string>, entries: Entry[], terminals: number): Html {
  const { term = "host", needs } = attributes;
  const name = terminals > 1 && term;
  const all = [
    name && html`<span>terminal <b>${name}</b></span>`,
    entries.some(isInBox) && html`<span class="in-box">in the box</span>`,
    needs && html`<span class="tag">${inWords(needs.split(","))}</span>`,
    "running" in attributes && html`<span class="tag">goes on</span>`,
  ];
  return html`${all}`;
}
