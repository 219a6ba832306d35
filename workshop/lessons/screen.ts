// A terminal of a lesson: a shell in a real pty, and the screen a person would read.
import { type IPty, spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { PROMPT } from "./transcript.ts";

const COLUMNS = 160;
const ROWS = 50;
const QUIET = 40; // ms without a new character: whoever was writing has stopped to
const KEYS: Record<string, string> = { "^C": "\x03", "^D": "\x04", "^Z": "\x1a", "^\\": "\x1c" };
const ECHO = /^\^[A-Z\\]/; // how the terminal shows such a key

export type Screen = {
  /** Types a line, or presses a key such as `^C`; what is shown from then on is new. Types nothing if that is empty. */
  enter: (typed: string) => void;
  /** The lines shown since, without what was typed and without the prompt after it. */
  shown: () => string[];
  /** Waits until `done` holds and nothing is written any more; false after `seconds`, or if the shell ended. */
  settles: (done: () => boolean, seconds: number) => Promise<boolean>;
  /** The prompt the cursor stands behind, if it does. */
  prompt: () => string | undefined;
  close: () => void;
};

/** Opens a terminal with `command` in it, a shell whose prompt is `$ `. */
export function openScreen(command: string[], cwd: string, env: NodeJS.ProcessEnv): Screen {
  const [program, ...args] = command;
  const pty = spawn(program!, args, { name: "xterm-256color", cols: COLUMNS, rows: ROWS, cwd, env });
  const terminal = new headless.Terminal({
    ...{ cols: COLUMNS, rows: ROWS, scrollback: 10_000, allowProposedApi: true },
  });
  const activity = watch(pty, terminal);
  let start = -1; // the row of what was typed last, and how many rows it takes
  let skipped = 1;
  const { active } = terminal.buffer;
  const cursor = () => active.baseY + active.cursorY;
  const prompt = () => {
    const line = `${lineAt(terminal, cursor()).trimEnd().replace(ECHO, "")} `;
    return cursor() > start && PROMPT.exec(line)?.[0] === line ? line : undefined;
  };
  return {
    enter(typed) {
      if (typed === "") return;
      start = KEYS[typed] ? cursor() - 1 : cursor(); // a key is shown where the cursor is
      skipped = typed.split("\n").length;
      pty.write(KEYS[typed] ?? `${typed.replaceAll("\n", "\r")}\r`);
    },
    shown() {
      const lines = withoutBanner(linesFrom(terminal, start, cursor()).slice(skipped));
      if (prompt() || lines.at(-1) === "") lines.pop();
      return lines[0]?.match(ECHO)?.[0] === lines[0] ? lines.slice(1) : lines;
    },
    prompt,
    settles: (done, seconds) => activity.settles(() => cursor() >= start + skipped && done(), seconds),
    close: () => (pty as IPty & { destroy(): void }).destroy(),
  };
}

/** Feeds the screen, and answers what programs ask of it (where is the cursor?). */
function watch(pty: IPty, terminal: headless.Terminal) {
  let last = Date.now();
  let ended = false;
  pty.onData((data) => {
    last = Date.now();
    terminal.write(data);
  });
  pty.onExit(() => {
    ended = true;
  });
  terminal.onData((answer) => pty.write(answer));
  const settles = async (done: () => boolean, seconds: number): Promise<boolean> => {
    for (const end = Date.now() + seconds * 1000; Date.now() < end && !ended; ) {
      if (Date.now() - last > QUIET && done()) return true;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return false;
  };
  return { settles };
}

const lineAt = (terminal: headless.Terminal, y: number): string =>
  terminal.buffer.active.getLine(y)?.translateToString(true) ?? "";

/** Some builds of busybox introduce their shell, others do not. */
const withoutBanner = (lines: string[]): string[] => {
  const at = lines.findIndex((line) => /^BusyBox v.* built-in shell/.test(line));
  if (at < 0) return lines;
  const rest = lines.slice(at + 2);
  return [...lines.slice(0, at).filter(Boolean), ...rest.slice(rest.findIndex(Boolean))];
};

/** Lines as they were written: one that was too wide for the screen is one again. */
function linesFrom(terminal: headless.Terminal, first: number, last: number): string[] {
  const lines: string[] = [];
  for (let y = first; y <= last; y++) {
    const wrapped = terminal.buffer.active.getLine(y)?.isWrapped && y > first;
    if (wrapped) lines.push(lines.pop()! + lineAt(terminal, y));
    else lines.push(lineAt(terminal, y));
  }
  return lines;
}
