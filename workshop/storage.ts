// What each way to give a box a root of its own costs (lesson 7): time until the box says its first word, time until
// it is gone again, and room on the disk. On disks of our own, files behind loop devices, where nobody else writes.
//
//   tsx workshop/storage.ts [ROUNDS]
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRoot } from "../checks/root.ts";
import { setup as bundleSteps, imagesCommand, stepCommand } from "../checks/steps.ts";
import { exitWhenStopped } from "../lib/stop.ts";

const MIB = 1024 ** 2;
const SMALL = 10; // MiB in an image
const LARGE = 1000;
const BIG_FILE = 100; // MiB of the large one are a single file, to which a box appends a line

const rounds = Number(process.argv[2] ?? 9);
const scratch = mkdtempSync(join(tmpdir(), "storage-"));
const unbundle = bundleSteps();

type Way = { disk: string; kind: string };
type Life = { started: number; gone: number }; // milliseconds since it was called

const disks: Record<string, string[]> = { ext4: ["overlay", "vfs"], btrfs: ["overlay", "vfs", "btrfs"] };
const ways: Way[] = Object.entries(disks).flatMap(([disk, kinds]) => kinds.map((kind) => ({ disk, kind })));

const mountPoint = (disk: string): string => join(scratch, disk);
const storeOn = (disk: string): string => join(mountPoint(disk), "store");

function makeDisk(disk: string): void {
  const file = `${mountPoint(disk)}.disk`;
  mkdirSync(mountPoint(disk));
  run("truncate", "--size", "6G", file);
  run(`mkfs.${disk}`, "-q", file);
  run("mount", "-o", "loop", file, mountPoint(disk));
  importImage(disk, SMALL, 0);
  importImage(disk, LARGE, BIG_FILE);
}

/** An image of `size` MiB: busybox, one file of `big` MiB and others of 100 KiB. No two blocks are the same. */
function importImage(disk: string, size: number, big: number): void {
  const root = join(scratch, "root");
  mkdirSync(root);
  makeRoot(root, "storage");
  if (big) fill(join(root, "big"), big);
  run("split", "--bytes=100K", "--suffix-length=5", fill(join(root, "all"), size - big), join(root, "file-"));
  rmSync(join(root, "all"));
  process.env.BOX_STORE = storeOn(disk);
  run(...imagesCommand(), "import", nameOf(size), root);
  rmSync(root, { recursive: true });
}

const nameOf = (size: number): string => `${size}-mib`;

function fill(file: string, mebibytes: number): string {
  writeFileSync(file, "");
  run("dd", "if=/dev/urandom", `of=${file}`, "bs=1M", `count=${mebibytes}`, "status=none");
  return file;
}

/** All take turns, so that what else goes on here hits each. The fastest counts: it was hit least. */
async function race(): Promise<Life[]> {
  const all = ways.flatMap((way) => [SMALL, LARGE].map((size) => ({ way, size })));
  // With btrfs, the first box of an image makes the subvolume: that one does not count.
  for (const { way, size } of all) await live(way, size);
  for (const { disk } of ways) usedRoom(disk);
  const best: Life[] = [];
  for (let round = 0; round < rounds; round++)
    for (const [i, { way, size }] of all.entries()) best[i] = faster(await live(way, size), best[i]);
  return best;
}

const faster = (one: Life, other = one): Life => ({
  started: Math.min(one.started, other.started),
  gone: Math.min(one.gone, other.gone),
});

/** Until the first word, and until the end, when all is cleared away. */
async function live(way: Way, size: number): Promise<Life> {
  const begun = performance.now();
  const box = launch(way, size, "echo");
  const ended = once(box, "exit");
  await once(box.stdout, "data");
  const started = performance.now() - begun;
  await ended;
  return { started, gone: performance.now() - begun };
}

function launch({ disk, kind }: Way, size: number, script: string) {
  const options = ["--network", "none", "--image", nameOf(size), "--storage", kind];
  const [program = "", ...args] = [...stepCommand("07-overlay"), "run", ...options, "sh", "-c", script];
  const env = { ...process.env, BOX_STORE: storeOn(disk) };
  return spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], env });
}

/** MiB that a box of the large image takes: once it is there, and once it has appended a line to the big file. */
async function room(way: Way): Promise<number[]> {
  const before = usedRoom(way.disk);
  const box = launch(way, LARGE, "echo; read line; echo line >>/big; echo; read line");
  await once(box.stdout, "data");
  const born = usedRoom(way.disk) - before;
  box.stdin.write("\n");
  await once(box.stdout, "data");
  const changed = usedRoom(way.disk) - before;
  box.stdin.end("\n");
  await once(box, "exit");
  return [born, changed].map(Math.round);
}

/** MiB on the disk, once all is there that is still to be written. */
function usedRoom(disk: string): number {
  run("sync", "--file-system", storeOn(disk));
  const { bsize, blocks, bfree } = statfsSync(storeOn(disk));
  return ((blocks - bfree) * bsize) / MIB;
}

const run = (program = "", ...args: string[]): string => execFileSync(program, args, { encoding: "utf8" });

async function main(): Promise<void> {
  for (const disk of Object.keys(disks)) makeDisk(disk);
  const best = await race();
  const heads = [
    `start, ${SMALL} MiB`,
    `start, ${LARGE} MiB`,
    "and gone again",
    "room",
    `a line in ${BIG_FILE} MiB`,
  ];
  console.log(`| storage | disk | ${heads.join(" | ")} |\n|---|---|${"---:|".repeat(heads.length)}`);
  for (const [i, way] of ways.entries()) {
    const [small, large] = [best[2 * i]!, best[2 * i + 1]!];
    const times = [small.started, large.started, large.gone - large.started];
    const cells = [
      ...times.map((each) => `${Math.round(each)} ms`),
      ...(await room(way)).map((each) => `${each} MiB`),
    ];
    console.log(`| \`${way.kind}\` | ${way.disk} | ${cells.join(" | ")} |`);
  }
}

process.on("exit", () => {
  for (const disk of Object.keys(disks)) spawnSync("umount", ["--lazy", mountPoint(disk)]);
  rmSync(scratch, { recursive: true });
  unbundle();
});
exitWhenStopped();
if (!(rounds > 0)) throw new Error(`expected a number of ROUNDS, got ${process.argv[2]}`);
await main();
