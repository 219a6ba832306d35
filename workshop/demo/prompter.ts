// The pane at the foot of the screen: takes the keys, and has the lesson played in the panes above.
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { report } from "../lessons/act.ts";
import { readLesson } from "../lessons/fences.ts";
import { writeFoot } from "./foot.ts";
import { clock, keyboard } from "./keys.ts";
import { perform } from "./perform.ts";
import { scriptOf } from "./script.ts";
import { openPane, tmuxIn } from "./tmux.ts";

/** What the demo tells its prompter. Without `auto`, a person presses the keys. */
export type Orders = { file: string; folder: string; shell: string[]; speed: number; auto: boolean };

/** What the prompter leaves for the demo: what was not as the lesson says, and whether somebody quit. */
export type Outcome = { played: number; troubles: string[]; quit: boolean };

const { file, folder, shell, speed, auto } = JSON.parse(process.argv[2]!) as Orders;
const outcome: Outcome = { played: 0, troubles: [], quit: false };

const leave = (quit: boolean): never => {
  writeFileSync(join(folder, "outcome.json"), JSON.stringify({ ...outcome, quit }));
  process.exit();
};

const tmux = tmuxIn(folder);
tmux("select-pane", "-t", process.env.TMUX_PANE!, "-T", basename(file, ".md"));
const person = keyboard(() => leave(true));
const { lines } = scriptOf(readLesson(file));
await perform({
  lines,
  speed,
  keys: auto ? clock(speed) : person,
  isRehearsal: auto,
  open: (terminal) => openPane(tmux, terminal, shell),
  say: writeFoot,
  note: (played) => {
    outcome.played++;
    if (auto && played.trouble) outcome.troubles.push(report(file, played));
  },
});
if (!auto) {
  writeFoot(lines.at(-1)!, "that was all", "q leaves");
  await new Promise(() => {});
}
leave(false);
