// A person in front of a demo: a terminal with its screen, and keys.
import { type IPty, spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { repository } from "../../lib/paths.ts";
import type { Stage } from "../lessons/stage.ts";

const PATIENCE = 30_000;

export type Person = {
  press: (characters: string) => void;
  /** Waits until the screen shows it. @throws {Error} with the screen if it does not */
  sees: (what: string | RegExp) => Promise<void>;
  screen: () => string;
  /** Closes the window. */
  leave: () => void;
  /** The exit status, once the demo has ended. */
  ended: Promise<number>;
};

/** Starts a demo on a stage and sits down before it. */
export function watchDemo(stage: Stage, ...args: string[]): Person {
  const [program, ...rest] = stage.enter(["tsx", "workshop/demo/demo.ts", ...args]);
  const size = { cols: 100, rows: 34 };
  const options = { ...size, name: "xterm-256color", cwd: repository, env: { ...stage.env } };
  const pty = spawn(program!, rest, options);
  const emulator = new headless.Terminal({ ...size, allowProposedApi: true });
  pty.onData((text) => emulator.write(text));
  emulator.onData((answer) => pty.write(answer));
  const screen = () => {
    const { active } = emulator.buffer;
    return Array.from({ length: size.rows }, (_, y) => active.getLine(y)?.translateToString().trimEnd()).join(
      "\n",
    );
  };
  return {
    press: (characters) => pty.write(characters),
    screen,
    async sees(what) {
      const shown = () => (typeof what === "string" ? screen().includes(what) : what.test(screen()));
      for (const end = Date.now() + PATIENCE; !shown(); await new Promise((go) => setTimeout(go, 20)))
        if (Date.now() > end) throw new Error(`no ${what} on the screen:\n${screen()}`);
    },
    leave: () => (pty as IPty & { destroy(): void }).destroy(),
    ended: new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode))),
  };
}
