// A tmux server of the demo's own, whose panes are the lesson's terminals.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Screen, screenOf } from "../lessons/screen.ts";

/** Calls tmux(1) with the demo's server, and returns what it wrote. */
export type Tmux = (...args: string[]) => string;

/** The words that call it; nothing of the user's own settings is read. `folder` has its socket. */
export const tmuxCommand = (folder: string): string[] => [
  ...["tmux", "-S", join(folder, "socket"), "-f", join(folder, "tmux.conf")],
];

/** The height of the prompter, the pane at the foot of the screen from which the demo is run. */
export const FOOT = 5;

const SETTINGS = `
set -g default-terminal tmux-256color
set -g history-limit 10000
set -g status off
set -g mouse on
set -g escape-time 10
set -g pane-border-status top
set -g pane-border-format " #{pane_title} "
set -g pane-border-style fg=colour240
set -g pane-active-border-style fg=colour240
set -g remain-on-exit on
set-hook -g window-resized "resize-pane -t '{bottom}' -y ${FOOT}"
bind -n F2 select-pane -t :.+
`;

/** For the first call, which starts the server: its panes have the variables in `env`. */
export function openTmux(folder: string, env: NodeJS.ProcessEnv): Tmux {
  writeFileSync(join(folder, "tmux.conf"), SETTINGS);
  return tmuxIn(folder, env);
}

/** Calls to the server whose socket is in `folder`. */
export const tmuxIn = (folder: string, env = process.env): Tmux => {
  const [program, ...own] = tmuxCommand(folder);
  return (...args) => execFileSync(program!, [...own, ...args], { encoding: "utf8", env }).replace(/\n$/, "");
};

/** Ends the server if it still runs, with all that is in its panes. */
export function endTmux(folder: string): void {
  const [program, ...own] = tmuxCommand(folder);
  spawnSync(program!, [...own, "kill-server"], { stdio: "ignore" });
}

/** Opens a terminal for `shell` above the prompter, beside those that are there. The prompter keeps the keys. */
export function openPane(tmux: Tmux, title: string, shell: string[]): Screen {
  const [foot, ...others] = tmux("list-panes", "-F", "#{pane_id}").split("\n").reverse();
  const wide = Number(tmux("display-message", "-p", "#{window_width}")) >= 160;
  const place = others[0]
    ? [wide ? "-h" : "-v", "-t", others[0]]
    : [
        "-b",
        "-v",
        "-l",
        `${Number(tmux("display-message", "-p", "#{window_height}")) - FOOT - 2}`,
        "-t",
        foot!,
      ];
  const pane = tmux("split-window", "-d", "-P", "-F", "#{pane_id}", ...place, "--", ...shell);
  tmux("select-pane", "-t", pane, "-T", title);
  tmux("select-pane", "-t", foot!);
  return screenOf(viewOf(tmux, pane));
}

/** What a pane shows, asked of tmux whenever somebody looks. */
function viewOf(tmux: Tmux, pane: string) {
  let last = Date.now();
  let shown = "";
  const state = () => {
    const format = "#{history_size} #{cursor_y} #{pane_dead} #{cursor_x}";
    const [history, row, dead, column] = tmux("display-message", "-p", "-t", pane, format)
      .split(" ")
      .map(Number);
    return { history: history!, cursor: history! + row!, row: row!, dead: dead === 1, column: column! };
  };
  const capture = (from: number, to: number) =>
    tmux("capture-pane", "-p", "-J", "-t", pane, "-S", `${from}`, "-E", `${to}`);
  return {
    cursor: () => state().cursor,
    lines(from: number) {
      const { history, row } = state();
      if (from > history + row) return [];
      const lines = capture(from - history, row).split("\n");
      return lines.map((line) => line.trimEnd());
    },
    send(characters: string) {
      last = Date.now();
      for (const each of characters) tmux("send-keys", "-t", pane, ...keyOf(each));
    },
    quiet() {
      const { cursor, column } = state();
      const now = `${cursor} ${column} ${capture(0, 1000)}`;
      if (now !== shown) last = Date.now();
      shown = now;
      return Date.now() - last;
    },
    isClosed: () => state().dead,
    close: () => void tmux("kill-pane", "-t", pane),
  };
}

/** As hexadecimal digits, since tmux gives `;` and names of keys a meaning; letters beyond ASCII have none. */
const keyOf = (character: string): string[] =>
  character < "\x80" ? ["-H", character.charCodeAt(0).toString(16)] : ["-l", character];
