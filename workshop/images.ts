// npm run images: the images that boxes start from.
import { lstatSync, mkdirSync, renameSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { copyTree } from "../lib/copies.ts";
import { packImage, unpackImage } from "../lib/layer/image.ts";
import { type Layer, toTar } from "../lib/layer/tar.ts";
import { fromCaller } from "../lib/paths.ts";
import { FAILED, reportAndExit, UsageError } from "../lib/report.ts";
import { exitWhenStopped, stopSignal } from "../lib/stop.ts";
import { formatSize } from "../lib/values.ts";
import {
  boxNames,
  changing,
  directoryOf,
  findImage,
  imageNames,
  layers,
  makeImage,
  nameFault,
  ownDirectory,
  removeBox,
  removeImage,
  sweep,
} from "../steps/07-overlay/images.ts";
import { scratchDirectory } from "./scratch.ts";

const usage = `usage: npm run images [COMMAND]

  list                     the images, and the boxes that were given a name (also without COMMAND)
  show NAME                the image's layers, the newest first, and whether they are what they were
  rm NAME                  removes an image
  forget NAME              removes what the box of this name has written
  import NAME DIR | FILE   makes an image of a root file system, or of an image somebody has exported; FILE is a tar
                           archive, compressed or not
  export NAME FILE         writes a tar archive that import reads, and docker load and podman load
`;

type Command = { takes: number; run: (...args: string[]) => void | Promise<void> };

const commands: Record<string, Command> = {
  list: { takes: 0, run: list },
  show: { takes: 1, run: show },
  rm: { takes: 1, run: removeImage },
  forget: { takes: 1, run: removeBox },
  import: { takes: 2, run: importImage },
  export: { takes: 2, run: exportImage },
};

function list(): void {
  const rows = imageNames().map((name) => {
    const all = findImage(name);
    return [name, `${all.length}`, size(all)];
  });
  print([["IMAGE", "LAYERS", "SIZE"], ...rows]);
  const boxes = boxNames();
  if (boxes.length > 0) print([["BOX"], ...boxes.map((name) => [name])]);
}

async function show(name: string): Promise<void> {
  const all = findImage(name);
  const scratch = join(scratchIn(tmpdir()), "tar");
  const rows: string[][] = [];
  for (const layer of all.toReversed()) {
    const { hash } = await toTar(join(layers, directoryOf(layer.hash)), scratch);
    rows.push([layer.hash, size([layer]), hash === layer.hash ? "intact" : `CHANGED: ${hash}`]);
  }
  print([["LAYER (SHA-256 of its tar)", "SIZE", ""], ...rows]);
  if (rows.some((row) => row[2] !== "intact")) process.exitCode = FAILED;
}

async function importImage(name: string, source: string): Promise<void> {
  const fault = nameFault(name);
  if (fault) throw new UsageError(`import: ${fault}`);
  const from = fromCaller(source);
  const found = statSync(from, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`import: nothing at ${from}`);
  if (!found.isDirectory() && !found.isFile() && !found.isFIFO())
    throw new UsageError(`import: expected a directory or an archive, got ${from}`);
  sweep();
  const own = changing(() => ownDirectory().path);
  // tar and cp end before what they have written is removed.
  const stop = stopSignal((signal) => new UsageError(`${signal}: nothing was changed`));
  const fresh = found.isDirectory() ? copyOf(from, own, stop) : unpackImage(from, own, stop);
  await makeImage(name, [], await fresh);
  print(findImage(name).map((layer) => [layer.hash, size([layer])]));
}

async function copyOf(directory: string, own: string, stop: AbortSignal): Promise<string[]> {
  mkdirSync(join(own, "copy"));
  await copyTree(directory, join(own, "copy"), stop);
  return [join(own, "copy")];
}

async function exportImage(name: string, file: string): Promise<void> {
  const all = findImage(name);
  const target = fromCaller(file);
  if (!statSync(dirname(target), { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`export: no directory ${dirname(target)}`);
  if (lstatSync(target, { throwIfNoEntry: false })?.isFile() === false)
    throw new UsageError(`export: ${target} is there already, and no file`);
  const scratch = scratchIn(dirname(target));
  const directories = all.map((layer) => join(layers, directoryOf(layer.hash)));
  await packImage(name, directories, join(scratch, "image"), scratch);
  renameSync(join(scratch, "image"), target);
}

/** An empty directory in `place`, for the time this command takes. */
function scratchIn(place: string): string {
  exitWhenStopped();
  return scratchDirectory(join(place, ".images-"));
}

const size = (all: Layer[]): string => formatSize(all.reduce((sum, layer) => sum + layer.size, 0));

function print(rows: string[][]): void {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    );
}

process.on("uncaughtException", reportAndExit);

const [name = "list", ...words] = process.argv.slice(2);
const command = commands[name];
if (name === "help" || name === "--help") console.log(usage);
else if (command?.takes !== words.length)
  throw new UsageError(
    `expected a command and its names, got '${[name, ...words].join(" ")}': npm run images help`,
  );
else await command.run(...words);
