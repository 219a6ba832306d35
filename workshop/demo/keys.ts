// Who turns the pages of a demo: a person at the keyboard, or a clock.
export type Key = "go" | "back" | "skip" | "again";

export type Keys = {
  /** Waits for a key; a clock goes on after `pause` milliseconds. */
  next: (pause: number) => Promise<Key>;
  /** Waits for a key that means: no longer this one. */
  interrupted: () => Promise<Key>;
};

const NAMES: Record<string, Key | "quit"> = {
  ...{ "\r": "go", "\n": "go", " ": "go" },
  ...{ b: "back", "\x1b[D": "back", s: "skip", "\x1b[C": "skip", r: "again" },
  ...{ q: "quit", "\x03": "quit", "\x04": "quit" },
};

export const HINTS = "Enter · b back · s skip · r from the start · q quit · F2 into a shell and back";

/** Keys of this terminal. `quit` is called when somebody wants no more. */
export function keyboard(quit: () => void): Keys {
  let pressed = (_: Key) => {};
  process.stdin.setRawMode?.(true);
  process.stdin.setEncoding("utf8").on("data", (characters: string) => {
    const name = NAMES[characters];
    if (name === "quit") quit();
    else if (name) pressed(name);
  });
  const next = () => new Promise<Key>((resolve) => (pressed = resolve)); // who waited before waits no more
  const interrupted = async (): Promise<Key> => {
    const key = await next();
    return key === "go" ? interrupted() : key;
  };
  return { next, interrupted };
}

/** Goes on by itself, `speed` times as fast as for an audience. */
export const clock = (speed: number): Keys => ({
  next: (pause) => new Promise((resolve) => setTimeout(resolve, pause / speed, "go")),
  interrupted: () => new Promise(() => {}),
});
