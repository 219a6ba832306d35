// Acts a lesson out: every scene in its terminal, every entry typed and what is shown compared.
import { firstDifference, hasAppeared } from "./compare.ts";
import type { Screen } from "./screen.ts";
import type { Entry, Scene } from "./transcript.ts";

/** Seconds for one command. */
export const PATIENCE = process.env.VM ? 180 : 30;

/** An entry and the lines that were shown after it; `trouble` if that is not what the lesson says. */
export type Played = { scene: Scene; entry: Entry; seen: string[]; trouble?: string };

/** A terminal; the lines told and the number shown since something was typed there, and whether that goes on. */
export type Seat = { screen: Screen; told: string[]; shown: number; going: boolean };

/**
 * Acts the scenes out. `open` makes a terminal; it is asked once for each name. Ends when a command does not, in
 * `patience` seconds: after it nothing can be as the lesson says.
 */
export async function act(
  scenes: Scene[],
  open: (name: string) => Promise<Screen>,
  patience = PATIENCE,
): Promise<Played[]> {
  const seats = new Map<string, Seat>();
  const played: Played[] = [];
  try {
    for (const scene of scenes) {
      const seat = seats.get(scene.terminal) ?? (await newSeat(open(scene.terminal)));
      seats.set(scene.terminal, seat);
      for (const entry of scene.entries) {
        played.push(await play(scene, entry, seat, patience));
        if (isStuck(played.at(-1)!)) return played;
      }
    }
    return played;
  } finally {
    for (const { screen } of seats.values()) screen.close();
  }
}

/** A terminal in which nothing has been typed. */
export const newSeat = async (screen: Screen | Promise<Screen>): Promise<Seat> => ({
  screen: await screen,
  ...{ told: [], shown: 0, going: false },
});

async function play(scene: Scene, entry: Entry, seat: Seat, patience: number): Promise<Played> {
  const obstacle = await findObstacle(entry, seat, patience);
  if (obstacle) return { scene, entry, seen: seat.screen.shown().slice(seat.shown), trouble: obstacle };
  return run(scene, entry, seat, patience);
}

/** Why the entry cannot be typed as the lesson has it; waits for its prompt: what ran before may just have ended. */
export async function findObstacle(
  entry: Entry,
  seat: Seat,
  patience = PATIENCE,
): Promise<string | undefined> {
  const { screen, told, going } = seat;
  if (!entry.prompt) return;
  if (!(await screen.settles(() => screen.prompt() === entry.prompt, patience)))
    return `${STUCK} at ${screen.prompt() ?? "no prompt"}, not at '${entry.prompt}'`;
  if (going && firstDifference(told, screen.shown()) !== undefined) return "what ran before has shown more";
}

/** Enters it, and waits until what the lesson tells has come, or `stop` is aborted. */
export async function run(
  scene: Scene,
  entry: Entry,
  seat: Seat,
  patience = PATIENCE,
  stop?: AbortSignal,
): Promise<Played> {
  const { screen } = seat;
  if (entry.typed !== "") Object.assign(seat, { told: [], shown: 0 });
  screen.enter(entry.typed);
  const going = goesOn(scene, entry);
  const told = [...seat.told, ...entry.output];
  const done = () => (going ? hasAppeared(told, screen.shown()) : screen.prompt() !== undefined);
  const settled = await screen.settles(() => stop?.aborted || done(), patience);
  const lines = screen.shown();
  const result = { scene, entry, seen: lines.slice(seat.shown) };
  Object.assign(seat, { told, shown: lines.length, going });
  if (!settled) return { ...result, trouble: `${STUCK} for ${patience} s, having shown what is below` };
  const difference = firstDifference(going ? [...told, "…"] : told, lines);
  if (difference === undefined) return result;
  return { ...result, trouble: `from '${told[difference] ?? "the end"}' on it differs` };
}

const STUCK = "the terminal stays";

/** Whether nothing after it can be as the lesson says. */
export const isStuck = ({ trouble }: Played): boolean => trouble?.startsWith(STUCK) ?? false;

/** Whether what was typed is still running when the next entry comes: a key is pressed, or the scene ends so. */
function goesOn(scene: Scene, entry: Entry): boolean {
  const next = scene.entries[scene.entries.indexOf(entry) + 1];
  return next ? next.prompt === undefined : scene.running;
}

/** What went wrong, for the one who wrote the lesson. */
export const report = (file: string, { entry, seen, trouble }: Played): string =>
  [
    `${file}:${entry.line}: ${entry.prompt ?? ""}${entry.typed}`,
    `  ${trouble}`,
    ...["  expected:", ...entry.output.map((line) => `    ${line}`)],
    ...["  seen:", ...seen.map((line) => `    ${line}`)],
  ].join("\n");
