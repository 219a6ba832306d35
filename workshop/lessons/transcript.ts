// A transcript as what it asks for: something is typed, then the terminal shows something.
import { frontMatter, listOf } from "../site/book.ts";
import { fencesOf, type PlacedFence } from "./fences.ts";

/** A line typed at a prompt, or a key pressed, and the lines the terminal shall show after it. */
export type Entry = {
  line: number;
  /** The prompt it stands behind; none for a key. */
  prompt?: string;
  /** What is typed; its lines but the first stand behind `> `. Nothing, where what runs already shows more. */
  typed: string;
  output: string[];
};

/** What happens in one fence, in one terminal. */
export type Scene = {
  line: number;
  terminal: string;
  /** What it takes, and what the lesson says all of them take. */
  needs: string[];
  /** The last command has not ended when the scene has. */
  running: boolean;
  entries: Entry[];
};

/** `$ ` is a shell on the host; `# `, `/ # ` and the like are shells in a box. */
export const PROMPT = /^(\$|(?:(?:~|\/\S*) )?#) /;
const KEY = /^\^[A-Z\\]$/;

/** The scenes of a lesson, in their order. @throws {Error} for a fence that begins with output of nothing */
export function scenesOf(markdown: string): Scene[] {
  const fences = fencesOf(markdown).filter(({ language }) => language === "console");
  const needs = listOf(frontMatter(markdown).values.needs);
  const scenes = fences.map((fence) => sceneOf(fence, needs));
  for (const [i, { terminal, entries }] of scenes.entries()) {
    const before = scenes.slice(0, i).findLast((scene) => scene.terminal === terminal);
    if (entries[0]?.typed === "" && !before?.running)
      throw new Error(`line ${entries[0].line}: a transcript begins with something typed`);
  }
  return scenes;
}

function sceneOf({ attributes, text, line }: PlacedFence, needs: string[]): Scene {
  return {
    line,
    terminal: attributes.term ?? "host",
    needs: [...needs, ...listOf(attributes.needs)],
    running: "running" in attributes,
    entries: entriesOf(text, line),
  };
}

/** What is typed and shown in a fence whose first line of text is line `first`. */
export function entriesOf(text: string, first: number): Entry[] {
  const entries: Entry[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    const last = entries.at(-1);
    const prompt = PROMPT.exec(line)?.[0];
    if (prompt) entries.push({ line: first + i, prompt, typed: line.slice(prompt.length), output: [] });
    else if (KEY.test(line)) entries.push({ line: first + i, typed: line, output: [] });
    else if (last?.typed.endsWith("\\") && line.startsWith("> ") && last.output.length === 0)
      last.typed += `\n${line.slice(2)}`;
    else if (last) last.output.push(line);
    else entries.push({ line: first + i, typed: "", output: [line] });
  }
  return entries;
}
