// Plays a lesson for an audience: a key types a line, the next one runs it.
import { findObstacle, isStuck, newSeat, PATIENCE, type Played, run, type Seat } from "../lessons/act.ts";
import { KEYS, type Screen } from "../lessons/screen.ts";
import type { Key, Keys } from "./keys.ts";
import type { Line } from "./script.ts";

const A_MOMENT = 3; // seconds
const PAUSE = { letter: 40, first: 900, enter: 500, line: 130, longest: 3000 }; // ms

/** What is said while we wait for a key. */
export const WAITS = { toType: "Enter types it", toPress: "Enter presses it", toRun: "Enter runs it" };

export type Show = {
  lines: Line[];
  keys: Keys;
  /** How many times as fast as a person it types. */
  speed: number;
  /** Every line must be as the lesson says, or the show tells so and ends; else that is for the speaker to see. */
  isRehearsal: boolean;
  open: (terminal: string) => Screen;
  say: (line: Line, place: string, state: string, trouble?: string) => void;
  /** Gets what came of a line that was run. */
  note: (played: Played) => void;
};

/** A line on its way: where it is typed, and what is told of it. */
type Turn = Line & { seat: Seat; tell: (state: string, trouble?: string) => void };

/** Plays the lines, to and fro as the keys say. */
export async function perform(show: Show): Promise<void> {
  const seats = new Map<string, Seat>();
  let lastShown = 0; // lines to be read before the next is typed
  for (let at = 0; at < show.lines.length; ) {
    const line = show.lines[at]!;
    const { terminal } = line.scene;
    const seat = seats.get(terminal) ?? (await newSeat(show.open(terminal)));
    seats.set(terminal, seat);
    const place = `${at + 1} of ${show.lines.length}`;
    const turn = { ...line, seat, tell: (...words: [string, string?]) => show.say(line, place, ...words) };

    const key = (await typeLine(show, turn, lastShown)) ?? (await runLine(show, turn));
    lastShown = typeof key === "string" ? 0 : key.seen.length;
    if (typeof key !== "string") show.note(key);
    if (typeof key !== "string" && show.isRehearsal && isStuck(key)) return;
    if (key === "again") for (const { screen } of seats.values()) screen.close();
    if (key === "again") seats.clear();
    at = key === "again" ? 0 : key === "back" ? Math.max(0, at - 1) : at + 1;
  }
}

/** Types it, unless it is a key or nothing; returns why it shall not be run, if so. */
async function typeLine(
  { keys, speed, isRehearsal }: Show,
  { scene, entry, seat, tell }: Turn,
  lastShown: number,
): Promise<Key | Played | undefined> {
  if (entry.typed === "") return;
  tell(KEYS[entry.typed] ? WAITS.toPress : WAITS.toType);
  const start = await keys.next(Math.min(PAUSE.longest, PAUSE.first + PAUSE.line * lastShown));
  if (start !== "go") return start;

  const trouble = await findObstacle(entry, seat, isRehearsal ? PATIENCE : A_MOMENT);
  if (trouble && isRehearsal) return { scene, entry, seen: [], trouble };
  if (trouble) tell("", `${trouble}: Enter types it all the same`);
  const insist = trouble ? await keys.next(0) : "go";
  if (insist !== "go" || KEYS[entry.typed]) return insist === "go" ? undefined : insist;

  for (const letter of entry.typed) {
    seat.screen.type(letter);
    await new Promise((resolve) => setTimeout(resolve, PAUSE.letter / speed));
  }
  tell(WAITS.toRun);
  const end = await keys.next(PAUSE.enter);
  if (end === "go") return;
  seat.screen.erase();
  return end;
}

/** Runs it, and returns what came of it or the key that was pressed meanwhile. */
async function runLine(
  { keys, isRehearsal }: Show,
  { scene, entry, seat, tell }: Turn,
): Promise<Key | Played> {
  tell("runs …");
  const stop = new AbortController();
  const patience = isRehearsal ? PATIENCE : Number.POSITIVE_INFINITY;
  const running = run(scene, entry, seat, patience, stop.signal);
  const first = await Promise.race([running, keys.interrupted()]);
  stop.abort();
  await running;
  return first;
}
