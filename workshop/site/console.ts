// A transcript: what is typed on the host, what is typed in a box, and what the terminal answers.
import { widthOf } from "./code.ts";
import type { Fence } from "./fence.ts";
import { type Html, html } from "./html.ts";

type Line = { kind: "typed" | "more" | "pressed" | "output"; prompt: string; text: string };

const PROMPT = /^(\$ |(?:~|\/\S*) # )(.*)$/;
const NEEDS: Record<string, string> = { cgroup1: "cgroup v1", cgroup2: "cgroup v2" };

/** A transcript as a figure, whose copy button takes the commands alone. */
export function renderConsole({ attributes, text }: Fence): Html {
  const lines = readTranscript(text);
  const commands = lines.filter(({ kind }) => kind === "typed" || kind === "more").map((line) => line.text);
  const body = runs(lines).map(({ inside, lines }) =>
    inside ? html`<span class="inside">${lines.map(renderLine)}</span>` : html`${lines.map(renderLine)}`,
  );
  return html`<figure class="console${widthOf(text)}" data-copy="${commands.join("\n")}"><figcaption>${captions(attributes, lines)}</figcaption><pre tabindex="0"><code>${body}</code></pre></figure>`;
}

/** What each line is. A line typed goes on, after `\`, on lines that begin with `> `. */
export function readTranscript(text: string): Line[] {
  let going = false;
  return text.split("\n").map((line) => {
    const typed = PROMPT.exec(line);
    const more = going ? /^> (.*)$/.exec(line) : null;
    going = (typed !== null || more !== null) && line.endsWith("\\");
    if (typed) return { kind: "typed", prompt: typed[1]!, text: typed[2]! };
    if (more) return { kind: "more", prompt: "> ", text: more[1]! };
    return { kind: /^\^[A-Z]$/.test(line) ? "pressed" : "output", prompt: "", text: line };
  });
}

const isInBox = ({ prompt }: Line): boolean => prompt.includes("#");

/** Lines in a row that belong to the host, or to a box: from its first prompt to the host's next. */
function runs(lines: Line[]): { inside: boolean; lines: Line[] }[] {
  const all: { inside: boolean; lines: Line[] }[] = [];
  for (const line of lines) {
    const inside = line.kind === "typed" ? isInBox(line) : (all.at(-1)?.inside ?? false);
    if (all.at(-1)?.inside === inside) all.at(-1)!.lines.push(line);
    else all.push({ inside, lines: [line] });
  }
  return all;
}

function renderLine({ kind, prompt, text }: Line): Html {
  if (kind === "output") return html`<span class="output">${text}\n</span>`;
  if (kind === "pressed") return html`<span class="pressed"><kbd>${key(text)}</kbd>\n</span>`;
  return html`<span class="typed"><span class="prompt">${prompt}</span><kbd>${text}</kbd>\n</span>`;
}

const key = (text: string): string => text.replace("^", "Ctrl-");

function captions(attributes: Record<string, string>, lines: Line[]): Html {
  const { term, needs } = attributes;
  return html`${term && html`<span>terminal <b>${term}</b></span>`}
    ${lines.some(isInBox) && html`<span class="in-box">in the box</span>`}
    ${needs && html`<span class="tag">needs ${NEEDS[needs] ?? needs}</span>`}
    ${"running" in attributes && html`<span class="tag">goes on</span>`}`;
}
