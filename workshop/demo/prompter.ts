// The pane at the foot of the screen: takes the keys, and has the lesson played in the panes above.
import { rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isAlive } from "../../lib/boxes.ts";
import { report } from "../lessons/act.ts";
import { readLesson } from "../lessons/fences.ts";
import { writeFoot } from "./foot.ts";
import { clock, keyboard } from "./keys.ts";
import { endMarked } from "./marked.ts";
import { perform } from "./perform.ts";
import { scriptOf } from "./script.ts";
import { endTmux, openPane, tmuxIn } from "./tmux.ts";

/** What the demo tells its prompter. `demo` is its name as a launcher; without `auto`, a person presses the keys. */
export type Orders = {
  demo: string;
  file: string;
  folder: string;
  shell: string[];
  speed: number;
  auto: boolean;
};

/** What the prompter leaves for the demo: what was not as the lesson says, and whether somebody quit. */
export type Outcome = { played: number; troubles: string[]; quit: boolean };

const { demo, file, folder, shell, speed, auto } = JSON.parse(process.argv[2]!) as Orders;
const outcome: Outcome = { played: 0, troubles: [], quit: false };

const leave = (quit: boolean): never => {
  writeFileSync(join(folder, "outcome.json"), JSON.stringify({ ...outcome, quit }));
  process.exit();
};

// A demo that was killed clears nothing away: we do.
setInterval(async () => {
  if (isAlive(demo)) return;
  for (const each of ["SIGHUP", "uncaughtException"]) process.on(each, () => {}); // our pane closes, the show is cut off
  endTmux(folder);
  rmSync(folder, { recursive: true, force: true });
  await endMarked();
  process.exit();
}, 1000);

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
