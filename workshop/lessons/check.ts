// npm run lessons:check -- 04 [--update]: acts out the lessons whose names begin so, and says what differs.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { reportAndExit, UsageError } from "../../lib/report.ts";
import { exitWhenStopped } from "../../lib/stop.ts";
import { makeRootfs } from "../../rootfs-fetch.ts";
import { scratchDirectory } from "../scratch.ts";
import { readWords } from "../words.ts";
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
  const store = scratchDirectory("/var/tmp/lessons-");
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

const usage = `usage: npm run lessons:check -- [LESSON] [--update]

Acts lessons out on a stage, and says what is not as they say; without LESSON (04 or a file), all of them.
  --update   writes what was seen into the lesson
`;

async function main(): Promise<void> {
  const { given, words } = readWords({ update: { type: "boolean" }, help: { type: "boolean" } });
  if (given.help) return void process.stdout.write(usage);
  const files = words.length < 2 ? lessonFiles(words[0]) : [];
  if (files.length === 0)
    throw new UsageError(`expected one LESSON, got '${words.join(" ")}': see -- --help`);
  exitWhenStopped(); // what is on a stage ends with us
  const store = await makeStore();
  process.env.BOX_STORE = store;
  let failed = 0;
  for (const file of files) {
    const { played, skipped, left } = await actLesson(file, store);
    const troubles = played.filter(({ trouble }) => trouble);
    for (const line of skipped) console.log(`skipped: ${line}`);
    for (const trouble of troubles) console.log(`\n${report(file, trouble)}`);
    for (const line of left) console.log(`left on the host by ${file}: ${line}`);
    console.log(`${file}: ${played.length - troubles.length} of ${played.length} as it says`);
    if (given.update) update(file, played);
    failed += troubles.length + left.length;
  }
  rmSync(store, { recursive: true });
  process.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) {
  process.on("uncaughtException", reportAndExit);
  await main();
}
