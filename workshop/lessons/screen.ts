// What a person reads off a terminal: what was typed, what was shown after it, and whether the prompt is back.
import { PROMPT } from "./transcript.ts";

const QUIET = 40; // ms without a change: whoever was writing has stopped to
const ECHO = /^\^[A-Z\\]/; // how the terminal shows a key
const keyLine = new RegExp(`^(${PROMPT.source.slice(1)}?)?(${ECHO.source.slice(1)})?$`); // where one was pressed

/** The keys that lessons press, and the characters they send. */
export const KEYS: Record<string, string> = { "^C": "\x03", "^D": "\x04", "^Z": "\x1a", "^\\": "\x1c" };

/** How a key is called on the keyboard: `^C` → `Ctrl-C`. */
export const keyName = (typed: string): string => (typed in KEYS ? typed.replace("^", "Ctrl-") : typed);

/** A terminal, of whatever make. */
export type View = {
  /** The row the cursor is in, counted from the first that ever was. */
  cursor: () => number;
  /** The lines from a row to the cursor's, none if it is above; one too wide for the terminal is one again. */
  lines: (from: number) => string[];
  /** Sends characters, as the keyboard does. */
  send: (characters: string) => void;
  /** Milliseconds since something was sent or shown. */
  quiet: () => number;
  isClosed: () => boolean;
  close: () => void;
};

export type Screen = {
  /** Types characters and does not press Enter. */
  type: (characters: string) => void;
  /** Takes back what was typed. */
  erase: () => void;
  /**
   * Types a line unless it stands there, and presses Enter; or presses a key such as `^C`. What is shown from then on is
   * new. Nothing of all that if it is empty.
   */
  enter: (typed: string) => void;
  /** The lines shown since, without what was typed and without the prompt after it. */
  shown: () => string[];
  /** Waits until `done` holds and nothing is written any more; false after `seconds`, or if the terminal closed. */
  settles: (done: () => boolean, seconds: number) => Promise<boolean>;
  /** The prompt the cursor stands behind, if it does. */
  prompt: () => string | undefined;
  close: () => void;
};

/** What a lesson does with a terminal, on top of what each kind of terminal can. */
export function screenOf(view: View): Screen {
  let start = -1; // the row we look from, and how many lines there are only what was typed
  let typedLines = 1;
  let isKey = false; // it was one
  let stands = false; // what is to be entered has been typed

  const lastLine = () => view.lines(view.cursor()).at(-1)!;
  const prompt = () => {
    const line = `${lastLine().trimEnd().replace(ECHO, "")} `;
    return view.cursor() >= start + typedLines && PROMPT.exec(line)?.[0] === line ? line : undefined;
  };
  return {
    type(characters) {
      view.send(characters.replaceAll("\n", "\r"));
      stands = true;
    },
    erase() {
      if (stands) view.send("\x15");
      stands = false;
    },
    enter(typed) {
      if (typed === "") return;
      isKey = typed in KEYS;
      start = view.cursor();
      typedLines = stands ? 0 : typed.split("\n").length;
      // A key is shown where the cursor is; a line that fills its row to the end has moved the cursor below it already.
      if (isKey) start -= 1;
      else if (stands && lastLine() !== "") start += 1;
      view.send(KEYS[typed] ?? `${stands ? "" : typed.replaceAll("\n", "\r")}\r`);
      stands = false;
    },
    shown() {
      const lines = withoutBanner(view.lines(start).slice(typedLines));
      if (prompt() || lines.at(-1) === "") lines.pop();
      return isKey && keyLine.test(lines[0] ?? "") ? lines.slice(1) : lines;
    },
    async settles(done, seconds) {
      for (const end = Date.now() + seconds * 1000; Date.now() < end && !view.isClosed(); ) {
        if (view.quiet() > QUIET && view.cursor() >= start + typedLines && done()) return true;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return false;
    },
    prompt,
    close: view.close,
  };
}

/** Some builds of busybox introduce their shell, others do not. */
const withoutBanner = (lines: string[]): string[] => {
  const at = lines.findIndex((line) => /^BusyBox v.* built-in shell/.test(line));
  if (at < 0) return lines;
  const rest = lines.slice(at + 2);
  return [...lines.slice(0, at).filter(Boolean), ...rest.slice(rest.findIndex(Boolean))];
};
