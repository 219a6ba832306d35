// What happens between the start of a box and its end: it is looked at, or something is done to it.
import { type Check, comesTrue, type Ending, type Live, pause, type Scene } from "./check.ts";
import type { Launched } from "./launch.ts";
import { children, findCommand, isAlive } from "./proc.ts";

/** How it ended and what `during` saw, or why there was nothing to see. */
export type Played = Ending & { during?: unknown; trouble?: string };

const SETTLING = 0.3; // seconds, for a program that prepares for signals when its box already runs
const STOPPING = ["SIGTSTP", "SIGCONT"];
const EFFECT = 4; // seconds, for what was done to the box to end it

/** Waits for the end of the box. What the check does to it, or looks at, comes before, when the command is ready. */
export const play = async (
  check: Check,
  command: string[],
  scene: Scene,
  launched: Launched,
): Promise<Played> => {
  if (!check.during) {
    launched.endInput();
    return launched.ended;
  }
  if (!(await launched.prints("ready"))) return { ...(await launched.ended), trouble: NEVER_READY };
  const live = findBox(check, command, scene, launched);
  const seen = live ? await observe(check, live) : { trouble: NOT_FOUND };
  // What a signal should have ended must not end of the end of its stdin.
  const over = live?.touched && (await comesTrue(() => !isAlive(live.launcher), EFFECT));
  if (!over) launched.endInput();
  return { ...(await launched.ended), ...seen };
};

const observe = async (check: Check, live: Live) => {
  try {
    return { during: await check.during!(live) };
  } catch (error) {
    return { trouble: `While the box was looked at: ${(error as Error).message}.` };
  }
};

type Touched = Live & { touched: boolean };

const findBox = (check: Check, command: string[], scene: Scene, launched: Launched): Touched | undefined => {
  const box = findCommand(command);
  const launcher = findLauncher(check, launched);
  return box && launcher ? live(scene, box, launcher, launched) : undefined;
};

/** Our child is nsenter(1), whose child the program is; in a terminal there is script(1) between them. */
const findLauncher = ({ terminal }: Check, { pid }: Launched) => {
  const child = children(pid)[0];
  return terminal && child ? children(child)[0] : child;
};

const live = (scene: Scene, box: number, launcher: number, launched: Launched): Touched => {
  const found: Touched = {
    ...{ ...scene, box, launcher, touched: false },
    signal: async (name) => {
      found.touched ||= !STOPPING.includes(name);
      await pause(SETTLING);
      process.kill(launcher, name);
      if (name === "SIGCONT") process.kill(launched.pid, name); // nsenter(1) has stopped with its child
    },
    type: async (keys) => {
      found.touched = true;
      await pause(SETTLING);
      launched.write(keys);
    },
  };
  return found;
};

const NEVER_READY = "The command never printed “ready”: it did not start, or failed before that line.";
const NOT_FOUND =
  "The command printed “ready” and was gone when looked for. It lives until its stdin ends: is stdin handed on, and the command run as it was given?";
