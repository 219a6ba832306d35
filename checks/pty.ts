// A terminal as a person has one: a real pty, an interactive bash with job control on it, keys and what they show.
import { readdirSync, readFileSync } from "node:fs";
import { constants as os } from "node:os";
import { type IPty, spawn } from "@lydell/node-pty";

export const PROMPT = "outer> ";
const PATIENCE = 30_000; // a hung run fails by this, a slow machine does not

const CONTROL = { "Ctrl-C": "\x03", "Ctrl-D": "\x04", "Ctrl-Z": "\x1a", "Ctrl-\\": "\x1c" };
export type Key = keyof typeof CONTROL;

/** What remains of `text` without the sequences that move the cursor and set colours. */
const plain = (text: string): string =>
  text.replace(/\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[()][0-9A-B]|[=>78MDEc])/g, "");

/** Opens a terminal and waits for the prompt of its shell. */
export async function openTerminal({ cwd, ...env }: { cwd: string } & NodeJS.ProcessEnv): Promise<Terminal> {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env; // 50 ms at every start of Node
  const shell = spawn("bash", ["--norc", "--noprofile", "-i"], {
    cols: 200,
    cwd,
    env: { ...rest, TERM: "xterm", LC_ALL: "C", HISTFILE: "/dev/null", PS1: PROMPT, ...env },
  });
  const terminal = new Terminal(shell);
  await terminal.sees(PROMPT);
  await terminal.run("export -n PS1"); // a shell in the box has a prompt of its own
  return terminal;
}

export class Terminal {
  /** Process id of the shell, which is its session's too. */
  readonly pid: number;
  #pty: IPty;
  #unread = "";
  #wake = () => {};
  #closed = false;

  constructor(pty: IPty) {
    this.#pty = pty;
    this.pid = pty.pid;
    pty.onData((data) => {
      this.#unread += data;
      this.#wake();
    });
    pty.onExit(() => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Types a line, or without Enter what `text` is. */
  type(text: string, enter = "\r"): void {
    this.#pty.write(text + enter);
  }

  press(key: Key): void {
    this.#pty.write(CONTROL[key]);
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
  }

  /** Waits until the terminal shows `what`, and returns the text up to and with it, as read from then on. */
  async sees(what: string | RegExp): Promise<string> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const text = plain(this.#unread);
      const found = typeof what === "string" ? text.indexOf(what) : text.search(what);
      if (found >= 0) {
        const length = typeof what === "string" ? what.length : what.exec(text)![0].length;
        this.#unread = text.slice(found + length);
        return text.slice(0, found + length);
      }
      if (this.#closed || Date.now() > deadline) throw new Error(`no ${what} on the terminal, but: ${text}`);
      await this.#more(deadline - Date.now());
    }
  }

  /** Types `line` at the shell's prompt, and returns what is shown until the next one. */
  async run(line: string): Promise<string> {
    this.type(line);
    await this.sees(/\r\n/);
    const shown = await this.sees(PROMPT);
    return shown.slice(0, -PROMPT.length).replaceAll("\r", "");
  }

  /** Everything alive in the terminal's session but the shell itself. */
  processes(): Process[] {
    return session(this.pid).filter(({ pid }) => pid !== this.pid);
  }

  /** Closes the terminal, as the window's button does. */
  close(): void {
    if (!this.#closed) (this.#pty as IPty & { destroy(): void }).destroy();
    this.#closed = true;
  }

  #more(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

export interface Process {
  pid: number;
  /** As in ps(1): S sleeps, T is stopped. */
  state: string;
  args: string[];
  /** Its process group, and the one in the foreground of its terminal. */
  group: number;
  foreground: number;
  catches: (signal: NodeJS.Signals) => boolean;
}

/** The processes of the session that `leader` leads, but for zombies: proc_pid_stat(5). */
export const session = (leader: number): Process[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [state, , group, sid, , foreground] = read(name, "stat")
          .replace(/^.*\) /s, "")
          .split(" ");
        if (Number(sid) !== leader || state === "Z") return [];
        const args = read(name, "cmdline").split("\0").slice(0, -1);
        const caught = BigInt(`0x${/SigCgt:\s*(\w+)/.exec(read(name, "status"))![1]}`);
        const catches = (signal: NodeJS.Signals) => ((caught >> BigInt(os.signals[signal] - 1)) & 1n) === 1n;
        return [
          {
            pid: Number(name),
            state: state!,
            args,
            group: Number(group),
            foreground: Number(foreground),
            catches,
          },
        ];
      } catch {
        return []; // it has ended since
      }
    });

const read = (pid: string, file: string): string => readFileSync(`/proc/${pid}/${file}`, "utf8");

/** Waits until `holds` does. */
export async function until(holds: () => boolean, seen: () => unknown = () => ""): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`never came true: ${holds} ${JSON.stringify(seen())}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
