// What each way to give a box a root of its own costs (lesson 7): time until the box says its first word, time until
// it is gone again, and room on the disk. On disks of our own, files behind loop devices, where nobody else writes.
//
//   tsx workshop/storage.ts [ROUNDS]
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRoot } from "../checks/root.ts";
import { setup as bundleSteps, imagesCommand, stepCommand } from "../checks/steps.ts";

const MIB = 1024 ** 2;
const SMALL = 10; // MiB in an image
const LARGE = 1000;
const BIG_FILE = 100; // MiB of the large one are a single file, to which a box appends a line

const rounds = Number(process.argv[2] ?? 9);
const scratch = mkdtempSync(join(tmpdir(), "storage-"));
const unbundle = bundleSteps();

/** Prints a row of the table for each of `kinds`, on a disk with the file system `disk`. */
async function measure(disk: string, kinds: string[]): Promise<void> {
  const mounted = join(scratch, disk);
  mkdirSync(mounted);
  run("truncate", "--size", "6G", `${mounted}.disk`);
  run(`mkfs.${disk}`, "-q", `${mounted}.disk`);
  run("mount", "-o", "loop", `${mounted}.disk`, mounted);
  process.env.BOX_STORE = join(mounted, "store");
  try {
    importImage(SMALL, 0);
    importImage(LARGE, BIG_FILE);
    for (const kind of kinds) console.log(await row(disk, kind));
  } finally {
    run("umount", mounted);
    rmSync(`${mounted}.disk`);
  }
}

/** An image of `size` MiB: busybox, one file of `big` MiB and others of 100 KiB. No two blocks are the same. */
function importImage(size: number, big: number): void {
  const root = join(scratch, "root");
  mkdirSync(root);
  makeRoot(root, "storage");
  if (big) fill(join(root, "big"), big);
  run("split", "--bytes=100K", "--suffix-length=5", fill(join(root, "all"), size - big), join(root, "file-"));
  rmSync(join(root, "all"));
  run(...imagesCommand(), "import", nameOf(size), root);
  rmSync(root, { recursive: true });
}

const nameOf = (size: number): string => `${size}-mib`;

function fill(file: string, mebibytes: number): string {
  writeFileSync(file, "");
  run("dd", "if=/dev/urandom", `of=${file}`, "bs=1M", `count=${mebibytes}`, "status=none");
  return file;
}

async function row(disk: string, kind: string): Promise<string> {
  // With btrfs, the first box of an image makes the subvolume. What was written until now is not to be waited for.
  for (const size of [SMALL, LARGE]) await live(kind, size);
  usedRoom();
  const small = await lives(kind, SMALL);
  const large = await lives(kind, LARGE);
  const [born, changed] = await room(kind);
  const times = [small.start, large.start, large.end].map((each) => `${each} ms`);
  return `| ${[`\`${kind}\``, disk, ...times, `${born} MiB`, `${changed} MiB`].join(" | ")} |`;
}

type Life = { start: number; end: number };

/** Medians, in milliseconds. */
async function lives(kind: string, size: number): Promise<Life> {
  const all: Life[] = [];
  for (let i = 0; i < rounds; i++) all.push(await live(kind, size));
  return { start: median(all.map(({ start }) => start)), end: median(all.map(({ end }) => end)) };
}

/** From the command line to the first word, and from there to the end, when all is cleared away. */
async function live(kind: string, size: number): Promise<Life> {
  const begun = performance.now();
  const box = launch(kind, size, "echo");
  const ended = once(box, "exit");
  await once(box.stdout, "data");
  const started = performance.now();
  await ended;
  return { start: started - begun, end: performance.now() - started };
}

function launch(kind: string, size: number, script: string) {
  const options = ["--network", "none", "--image", nameOf(size), "--storage", kind];
  const [program = "", ...args] = [...stepCommand("07-overlay"), "run", ...options, "sh", "-c", script];
  return spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
}

/** MiB that a box of the large image takes: once it is there, and once it has appended a line to the big file. */
async function room(kind: string): Promise<number[]> {
  const before = usedRoom();
  const box = launch(kind, LARGE, "echo; read line; echo line >>/big; echo; read line");
  await once(box.stdout, "data");
  const born = usedRoom() - before;
  box.stdin.write("\n");
  await once(box.stdout, "data");
  const changed = usedRoom() - before;
  box.stdin.end("\n");
  await once(box, "exit");
  return [born, changed].map(Math.round);
}

/** MiB on the disk, once all is there that is still to be written. */
function usedRoom(): number {
  run("sync", "--file-system", process.env.BOX_STORE!);
  const { bsize, blocks, bfree } = statfsSync(process.env.BOX_STORE!);
  return ((blocks - bfree) * bsize) / MIB;
}

const run = (program = "", ...args: string[]): string => execFileSync(program, args, { encoding: "utf8" });

const median = (values: number[]): number =>
  Math.round(values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!);

try {
  const heads = [
    `start, ${SMALL} MiB`,
    `start, ${LARGE} MiB`,
    "and gone again",
    "room",
    `a line in ${BIG_FILE} MiB`,
  ];
  console.log(`| storage | disk | ${heads.join(" | ")} |\n|---|---|${"---:|".repeat(heads.length)}`);
  await measure("ext4", ["overlay", "vfs"]);
  await measure("btrfs", ["overlay", "vfs", "btrfs"]);
} finally {
  rmSync(scratch, { recursive: true });
  unbundle();
}
