// Plays a lesson for an audience: a key types a line, the next one runs it.
import { findObstacle, newSeat, type Played, run, type Seat } from "../lessons/act.ts";
import { KEYS, type Screen } from "../lessons/screen.ts";
import type { Key, Keys } from "./keys.ts";
import type { Line } from "./script.ts";

const PAUSE = { letter: 40, first: 900, enter: 500, line: 130, longest: 3000 }; // ms

export type Show = {
  lines: Line[];
  keys: Keys;
  /** How many times as fast as a person it types. */
  speed: number;
  /** Seconds to wait for a command, and for the prompt before one. */
  patience: { command: number; prompt: number };
  open: (terminal: string) => Screen;
  say: (line: Line, place: string, state: string, trouble?: string) => void;
  /** Gets what came of a line; true ends the show. */
  note: (played: Played) => boolean;
};

/** Plays the lines, to and fro as the keys say. */
export async function perform(show: Show): Promise<void> {
  const seats = new Map<string, Seat>();
  let last: Played | undefined;
  for (let at = 0; at < show.lines.length; ) {
    const line = show.lines[at]!;
    const { terminal } = line.scene;
    const seat = seats.get(terminal) ?? (await newSeat(show.open(terminal)));
    seats.set(terminal, seat);
    const played = await playLine(show, line, seat, `${at + 1} of ${show.lines.length}`, last);
    last = typeof played === "string" ? undefined : played;
    if (last && show.note(last)) return;
    if (played === "again") for (const { screen } of seats.values()) screen.close();
    if (played === "again") seats.clear();
    at = played === "again" ? 0 : played === "back" ? Math.max(0, at - 1) : at + 1;
  }
}

/** What came of a line, or the key that was pressed instead. */
async function playLine(
  { keys, say, speed, patience }: Show,
  line: Line,
  seat: Seat,
  place: string,
  last?: Played,
): Promise<Played | Key> {
  const { scene, entry } = line;
  const tell = (state: string, trouble?: string) => say(line, place, state, trouble);
  const isTyped = entry.typed !== "" && !KEYS[entry.typed];

  if (entry.typed !== "") {
    tell(
      isTyped ? "Enter types it" : "Enter presses it",
      last?.trouble && `not as the lesson says: ${last.trouble}`,
    );
    const key = await keys.next(Math.min(PAUSE.longest, PAUSE.first + PAUSE.line * (last?.seen.length ?? 0)));
    if (key !== "go") return key;
    tell(`waits for ${entry.prompt}`);
    const trouble = await findObstacle(entry, seat, patience.prompt);
    if (trouble) return { scene, entry, seen: [], trouble };
  }
  if (isTyped) {
    tell("types …");
    for (const letter of entry.typed) {
      seat.screen.type(letter);
      await new Promise((resolve) => setTimeout(resolve, PAUSE.letter / speed));
    }
    tell("Enter runs it");
    const key = await keys.next(PAUSE.enter);
    if (key !== "go") seat.screen.erase();
    if (key !== "go") return key;
  }
  tell("runs …");
  const stop = new AbortController();
  const running = run(scene, entry, seat, patience.command, stop.signal);
  const key = await Promise.race([running, keys.interrupted()]);
  if (typeof key !== "string") return key;
  stop.abort();
  await running;
  return key;
}
