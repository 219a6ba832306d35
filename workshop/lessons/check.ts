// npm run lessons:check -- 04 [--update]: acts out the lessons whose names begin so, and says what differs.
import { mkdtempSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { STOPS } from "../../lib/stop.ts";
import { makeRootfs } from "../../rootfs-fetch.ts";
import { act, type Played, report } from "./act.ts";
import { lessonFiles, readLesson, withFences, writeLesson } from "./fences.ts";
import { whatLacks } from "./needs.ts";
import { setStage } from "./stage.ts";
import { scenesOf } from "./transcript.ts";

/** What came of a lesson: each entry, why scenes were left out, and what is left of it on the host. */
export type Outcome = { played: Played[]; skipped: string[]; left: string[] };

/** Acts a lesson out on a stage of its own. */
export const actLesson = (file: string, store: string): Promise<Outcome> =>
  actText(readLesson(file), store, file);

/** The same for a text; `name` is what it is called in what is said of it, `patience` is for one command, in seconds. */
export async function actText(
  text: string,
  store: string,
  name = "text",
  patience?: number,
): Promise<Outcome> {
  const scenes = scenesOf(text);
  const lacks = scenes.map(({ needs }) => whatLacks(needs));
  const skipped = scenes.flatMap(({ line }, i) => (lacks[i] ? [`${name}:${line}: ${lacks[i]}`] : []));
  const stage = await setStage(store);
  try {
    const played = await act(
      scenes.filter((_, i) => !lacks[i]),
      stage.open,
      patience,
    );
    return { played, skipped, left: await stage.traces() };
  } finally {
    await stage.close();
  }
}

/** A store with a root file system made without the network. */
export async function makeStore(): Promise<string> {
  const store = mkdtempSync("/var/tmp/lessons-");
  process.on("exit", () => rmSync(store, { recursive: true, force: true })); // whoever ends us
  await makeRootfs({ kind: "host", to: join(store, "rootfs") });
  return store;
}

/** Writes what was seen in place of what differed. */
function update(file: string, played: Played[]): void {
  const wrong = played.filter(
    ({ trouble, scene }) => trouble && scene.entries.every((e) => seenOf(played, e)),
  );
  const scenes = new Set(wrong.map(({ scene }) => scene.line));
  const text = withFences(readLesson(file), ({ line }) =>
    scenes.has(line) ? textOf(played.filter(({ scene }) => scene.line === line)) : undefined,
  );
  writeLesson(file, text);
}

const seenOf = (played: Played[], entry: Played["entry"]) => played.some((each) => each.entry === entry);

const textOf = (played: Played[]): string =>
  played
    .flatMap(({ entry, seen, trouble }) => [
      `${entry.prompt ?? ""}${entry.typed.replaceAll("\n", "\n> ")}`,
      ...(trouble ? seen : entry.output),
    ])
    .join("\n");

/** Ctrl-C and its like end us by process.exit(), which clears away; what is on a stage ends with us. */
export function exitWhenStopped(): void {
  for (const name of STOPS) process.on(name, () => process.exit(128 + constants.signals[name]));
}

async function main(): Promise<number> {
  exitWhenStopped();
  const { values, positionals } = parseArgs({
    options: { update: { type: "boolean" } },
    allowPositionals: true,
  });
  const store = await makeStore();
  process.env.BOX_STORE = store;
  let failed = 0;
  for (const file of lessonFiles(positionals[0])) {
    const { played, skipped, left } = await actLesson(file, store);
    const troubles = played.filter(({ trouble }) => trouble);
    for (const line of skipped) console.log(`skipped: ${line}`);
    for (const trouble of troubles) console.log(`\n${report(file, trouble)}`);
    for (const line of left) console.log(`left on the host by ${file}: ${line}`);
    console.log(`${file}: ${played.length - troubles.length} of ${played.length} as it says`);
    if (values.update) update(file, played);
    failed += troubles.length + left.length;
  }
  rmSync(store, { recursive: true });
  return failed === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) process.exitCode = await main();
