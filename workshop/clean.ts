// npm run clean: removes what boxes have left on this machine, and, when asked to, all there is of them.
import { reportAndExit, UsageError } from "../lib/report.ts";
import { needTools } from "../lib/tools.ts";
import { type Kind, kept, leftBehind, places, running } from "./leftovers.ts";
import { readWords } from "./words.ts";

const usage = `usage: npm run clean -- [--all] [--dry-run]

Removes what boxes have left whose launcher was killed: processes and cgroups, the bridge, nft table and changed
settings of the network, what they wrote, and layers of images that nothing stands on.

  --all        also stops the boxes that run, and removes what was made to be kept: boxes with a name, images, root
               file systems, downloads
  --dry-run    only tells
  --help

Exit status: 0, or 1 if something could not be removed.
`;

const STILL_THERE = 1;

type Options = { all: boolean; dryRun: boolean };

async function clean({ all, dryRun }: Options): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new UsageError("only root can remove what root made: sudo npm run clean");
  needTools("ip", "nft");
  const kinds = all ? [running, ...leftBehind, ...kept, places] : leftBehind;
  let found = 0;
  for (const kind of kinds) found += await (dryRun ? tell(kind) : remove(kind));
  const others = all ? [] : [running, ...kept].flatMap(({ list }) => list());
  if (others.length > 0) console.log(`kept: ${others.join(", ")} (--all removes these too)`);
  else if (found === 0) console.log("nothing of ours is here");
}

function tell({ list }: Kind): number {
  const things = list();
  for (const each of things) console.log(`would remove ${each}`);
  return things.length;
}

async function remove({ list, remove }: Kind): Promise<number> {
  const before = list();
  if (before.length > 0) await remove();
  const after = new Set(before.length > 0 ? list() : []);
  for (const each of before) console.log(`${after.has(each) ? "still there:" : "removed"} ${each}`);
  if (after.size > 0) process.exitCode = STILL_THERE;
  return before.length;
}

process.on("uncaughtException", reportAndExit);
const flag = { type: "boolean" } as const;
const { given, words } = readWords({ all: flag, "dry-run": flag, help: flag });
if (words.length > 0) throw new UsageError(`expected no words, got '${words.join(" ")}': see -- --help`);
if (given.help) process.stdout.write(usage);
else await clean({ all: given.all === true, dryRun: given["dry-run"] === true });
