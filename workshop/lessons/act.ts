// Acts a lesson out: every scene in its terminal, every entry typed and what is shown compared.
import { firstDifference, hasAppeared } from "./compare.ts";
import type { Screen } from "./screen.ts";
import type { Entry, Scene } from "./transcript.ts";

/** Seconds for one command. */
export const PATIENCE = process.env.VM ? 180 : 30;

/** An entry and the lines that were shown after it; `trouble` if that is not what the lesson says. */
export type Played = { scene: Scene; entry: Entry; seen: string[]; trouble?: string };

/**
 * Acts the scenes out. `open` makes a terminal; it is asked once for each name. Ends when a command does not, in
 * `patience` seconds: after it nothing can be as the lesson says.
 */
export async function act(
  scenes: Scene[],
  open: (name: string) => Promise<Screen>,
  patience = PATIENCE,
): Promise<Played[]> {
  const screens = new Map<string, Screen>();
  const played: Played[] = [];
  try {
    for (const scene of scenes) {
      const screen = screens.get(scene.terminal) ?? (await open(scene.terminal));
      screens.set(scene.terminal, screen);
      for (const entry of scene.entries) {
        played.push(await play(scene, entry, screen, patience));
        if (played.at(-1)!.trouble?.startsWith(STUCK)) return played;
      }
    }
    return played;
  } finally {
    for (const screen of screens.values()) screen.close();
  }
}

async function play(scene: Scene, entry: Entry, screen: Screen, patience: number): Promise<Played> {
  const before = screen.prompt();
  if (entry.prompt && before !== entry.prompt)
    return {
      scene,
      entry,
      seen: [],
      trouble: `${STUCK} at ${before ?? "no prompt"}, not at '${entry.prompt}'`,
    };
  screen.enter(entry.typed);
  const done = goesOn(scene, entry)
    ? () => hasAppeared(entry.output, screen.shown())
    : () => screen.prompt() !== undefined;
  const settled = await screen.settles(done, patience);
  const seen = screen.shown();
  const result = { scene, entry, seen };
  if (!settled) return { ...result, trouble: `${STUCK} for ${patience} s, having shown what is below` };
  const expected = goesOn(scene, entry) ? [...entry.output, "…"] : entry.output;
  const at = firstDifference(expected, seen);
  return at === undefined
    ? result
    : { ...result, trouble: `from '${expected[at] ?? "the end"}' on it differs` };
}

const STUCK = "the terminal stays";

/** Whether what was typed is still running when the next entry comes: a key is pressed, or the scene ends so. */
function goesOn(scene: Scene, entry: Entry): boolean {
  const next = scene.entries[scene.entries.indexOf(entry) + 1];
  return next ? next.prompt === undefined : scene.running;
}

/** What went wrong, for the one who wrote the lesson. */
export const report = (file: string, { entry, seen, trouble }: Played): string =>
  [
    `lessons/${file}:${entry.line}: ${entry.prompt ?? ""}${entry.typed}`,
    `  ${trouble}`,
    ...["  expected:", ...entry.output.map((line) => `    ${line}`)],
    ...["  seen:", ...seen.map((line) => `    ${line}`)],
  ].join("\n");
