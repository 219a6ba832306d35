// npm run offline: one archive with all it takes, for a room without a network.
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { machine } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { defaultRootfs, fromCaller, repository } from "../lib/paths.ts";
import { reportAndExit, UsageError } from "../lib/report.ts";
import { carriedRootfs } from "../lib/rootfs/offline.ts";
import { run } from "../lib/rootfs/run.ts";
import { stopSignal } from "../lib/stop.ts";
import { formatSize } from "../lib/values.ts";
import { scratchDirectory } from "./scratch.ts";
import { readWords } from "./words.ts";

const name = "linux-containers-diy";
const usual = `${name}-${machine()}.tar.gz`;

const usage = `usage: npm run offline -- [FILE]

Writes one archive (default: ${usual}) with this repository, its node_modules, the addon, the site if it was
built (npm run site), and the root file system if there is one (npm run rootfs). FILE ends in .tar, .tar.gz, .tar.xz or
.tar.zst. It is for machines of the same processor.
`;

async function pack(given: string): Promise<void> {
  const file = fromCaller(given);
  check(file);
  // Beside it, for one rename to bring it there whole.
  const scratch = scratchDirectory(join(dirname(file), ".offline-"));
  const signal = stopSignal((name) => new UsageError(`${name}: nothing was written`));
  const howTo = await instructions(basename(file));
  const carried = await addFiles(scratch, howTo, signal);
  const archive = join(scratch, basename(file));
  await tar(file, archive, scratch, signal);
  renameSync(archive, file);
  console.log(`${file}: ${formatSize(statSync(file).size)}, with ${carried.join(", ")}\n\n${howTo}`);
}

function check(file: string): void {
  if (!/\.tar(\.gz|\.xz|\.zst)?$/.test(file))
    throw new UsageError(`expected a name that ends in .tar, .tar.gz, .tar.xz or .tar.zst, got '${file}'`);
  if (!existsSync(dirname(file))) throw new UsageError(`no directory ${dirname(file)}`);
}

async function instructions(archive: string): Promise<string> {
  const packages = (await run("sh", [join(repository, "setup.sh"), "--packages"])).trim();
  return `On a machine without a network, that has Node 20.19 or newer and these packages of Debian or Ubuntu:
  ${packages}

  tar -xf ${archive} && cd ${name} && sudo npm start

That makes a root file system of what is in offline/, and opens a shell in a box. npm run doctor tells what is missing.
`;
}

/** Puts what is not in the repository into `offline` of the scratch directory: a list of what the archive will carry. */
async function addFiles(scratch: string, howTo: string, signal: AbortSignal): Promise<string[]> {
  mkdirSync(join(scratch, "offline"));
  writeFileSync(join(scratch, "offline/README"), howTo);
  const carries = ["node_modules", ...(existsSync(join(repository, "site")) ? ["the site"] : [])];
  if (!existsSync(defaultRootfs)) return [...carries, "no root file system (npm run rootfs, as root)"];
  const root = join(scratch, carriedRootfs(machine()));
  await run("tar", ["--create", "--numeric-owner", "--file", root, "-C", defaultRootfs, "."], { signal });
  return [...carries, "a root file system"];
}

const without = [
  ".git",
  "offline",
  "playground",
  ".vagrant",
  "node_modules/.cache",
  `${name}-*.tar*`,
  "*.log",
];

/** What is being written, and what is to be replaced by it, may lie in the repository. `flags=r`: only names of files get the new first directory, not what symbolic links say. */
function tar(file: string, archive: string, scratch: string, signal: AbortSignal): Promise<string> {
  const notThese = [...without, ...[scratch, file].map((path) => relative(repository, path))];
  return run(
    "tar",
    [
      ...["--create", "--auto-compress", "--file", archive, `--transform=flags=r;s,^\\.,${name},`],
      ...["-C", scratch, "./offline"],
      ...["--anchored", ...notThese.map((each) => `--exclude=./${each}`), "-C", repository, "."],
    ],
    { signal },
  );
}

process.on("uncaughtException", reportAndExit);
const { given, words } = readWords({ help: { type: "boolean" } });
if (words.length > 1) throw new UsageError(`expected one FILE, got '${words.join(" ")}': see -- --help`);
if (given.help) process.stdout.write(usage);
else await pack(words[0] ?? usual);
