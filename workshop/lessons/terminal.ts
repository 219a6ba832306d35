// A terminal of a lesson that nobody looks at: a real pty, and an emulator that says what it would show.
import { type IPty, spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { type Screen, screenOf } from "./screen.ts";

const COLUMNS = 100;
const ROWS = 50;

/** Opens a terminal with `command` in it, a shell whose prompt is `$ `. */
export function openTerminal(command: string[], cwd: string, env: NodeJS.ProcessEnv): Screen {
  const [program, ...args] = command;
  const pty = spawn(program!, args, { name: "xterm-256color", cols: COLUMNS, rows: ROWS, cwd, env });
  const emulator = new headless.Terminal({
    ...{ cols: COLUMNS, rows: ROWS, scrollback: 10_000, allowProposedApi: true },
  });
  let last = Date.now();
  let closed = false;
  pty.onData((data) => {
    last = Date.now();
    emulator.write(data);
  });
  pty.onExit(() => {
    closed = true;
  });
  emulator.onData((answer) => pty.write(answer)); // programs ask: where is the cursor?

  const { active } = emulator.buffer;
  const cursor = () => active.baseY + active.cursorY;
  return screenOf({
    cursor,
    lines: (from) => linesOf(emulator, from, cursor()),
    send: (characters) => {
      last = Date.now();
      pty.write(characters);
    },
    quiet: () => Date.now() - last,
    isClosed: () => closed,
    close: () => (pty as IPty & { destroy(): void }).destroy(),
  });
}

function linesOf({ buffer }: headless.Terminal, first: number, last: number): string[] {
  const lines: string[] = [];
  for (let y = first; y <= last; y++) {
    const row = buffer.active.getLine(y);
    const text = row?.translateToString(true) ?? "";
    if (row?.isWrapped && y > first) lines.push(lines.pop()! + text);
    else lines.push(text);
  }
  return lines;
}
