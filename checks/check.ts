// What a check is: a title, a command to run in a box, what must hold, and a hint made from what was seen.
import type { Machine } from "./machine.ts";

/** Where a check plays. `host` is a stand-in for the real one: see machine.ts. */
export interface Scene {
  host: Machine;
  /** An empty directory on the host, removed afterwards. */
  dir: string;
  /** The box's root file system: a directory of the host's, one for each check. */
  root: string;
  /** A number found nowhere else. */
  mark: string;
  /** Where the program keeps things, and where while boxes run: its BOX_STORE and BOX_RUNTIME. */
  store: string;
  runtime: string;
  /** Runs one more box on this host, to its end. */
  another: (options: string[], command: string[]) => Promise<Ending>;
  /** Starts one more that lives, after `script`, until it is told to end or the host stops. */
  neighbour: (options: string[], script?: string) => Promise<Neighbour>;
  /** Makes a directory an image of this name. */
  makeImage: (name: string, directory: string) => void;
}

export interface Neighbour {
  /** The command in the box. */
  box: number;
  end: () => Promise<Ending>;
}

/** A box that runs: its command has printed "ready". Process ids are those of /proc here. */
export interface Live extends Scene {
  /** The program under test. */
  launcher: number;
  /** The command in the box. */
  box: number;
  /** Sends the program a signal, once it has had time to prepare for one. */
  signal: (name: NodeJS.Signals) => Promise<void>;
  /** Types on the terminal of the box. */
  type: (keys: string) => Promise<void>;
}

export interface Output {
  stdout: string;
  stderr: string;
  /** stdout as bytes. */
  bytes: Buffer;
}

export interface Ending extends Output {
  /** The exit status, or 128 + n after signal n. */
  status: number;
}

export interface Seen<Before = unknown, During = unknown, After = unknown> extends Scene, Ending {
  before: Before;
  during: During;
  after: After;
}

type Made<T> = T | ((scene: Scene) => T);

export interface Check<Before = unknown, During = unknown, After = unknown> {
  /** The step from which it must hold. */
  since: number;
  title: string;
  /** The command in the box. One that is watched prints "ready" and lives until its stdin ends. */
  run: Made<string[]>;
  options?: Made<string[]>;
  /** Takes the place of `run [options] COMMAND…`. */
  commandLine?: string[];
  stdin?: Buffer;
  /** A path of the host's that is its standard input instead. */
  stdinFrom?: Made<string>;
  /** Runs it in a terminal: what it writes comes with \r\n, and is all on stdout. */
  terminal?: boolean;
  /** Things a runtime may lack by design; a program that does is not asked. */
  needs?: string[];
  /** Why it cannot be checked on this host, if so. */
  unless?: () => string | undefined;
  /** Prepares the host, looks at it before the run. */
  before?: (scene: Scene) => Before | Promise<Before>;
  /** Looks at the running box, or does something to it. */
  during?: (live: Live) => During | Promise<During>;
  /** Looks at the host when the run has ended. */
  after?: (scene: Scene) => After | Promise<After>;
  holds: (seen: Seen<Before, During, After>) => boolean;
  /** What is wrong, from what was seen, and where to look; not the answer. */
  hint: (seen: Seen<Before, During, After>) => string;
}

/** A check among others: what it sees is its own affair. */
export const check = <Before, During, After>(definition: Check<Before, During, After>): Check =>
  definition as unknown as Check;

/** What a check that something cannot be done says of it. */
interface Attempt<Before> extends Omit<Check<Before, undefined, undefined>, "run" | "holds"> {
  /** A shell script that writes on stdout what it has gained, and nothing when it was in vain. */
  tries: Made<string>;
}

/** A check that something cannot be done in the box. */
export const inVain = <Before>({ tries, hint, ...rest }: Attempt<Before>): Check =>
  check<Before, undefined, undefined>({
    ...rest,
    run: (scene) => ["sh", "-c", `${typeof tries === "function" ? tries(scene) : tries}\necho tried`],
    holds: ({ stdout }) => stdout === "tried\n",
    hint: (seen) =>
      seen.stdout.endsWith("tried\n")
        ? hint({ ...seen, stdout: seen.stdout.slice(0, -"tried\n".length) })
        : "It could not be tried: the command did not run, or not to its end.",
  });

/** A command that does `script`, then prints "ready" and lives until its stdin ends. */
export const lives =
  (script = ":") =>
  ({ mark }: Scene) => ["sh", "-c", `${script}\necho ready\nread _\nexit 0`, mark];

/** A command that prints "ready" and lives on even when its stdin ends, which it does when the program is killed. */
export const stays = ({ mark }: Scene) => ["sh", "-c", "echo ready; read _; exec sleep 10", mark];

/** Waits until `condition` holds, two seconds at most: whether it does. */
export const comesTrue = async (condition: () => boolean, seconds = 2) => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(0.02))
    if (condition()) return true;
  return condition();
};

/** Waits that many seconds. */
export const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
