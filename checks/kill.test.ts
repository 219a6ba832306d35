// kill -9 of the launcher, at any moment of its life, and of the tsx command alone: nothing of the box stays.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { comesTrue } from "./check.ts";
import { mounts, processes } from "./proc.ts";
import { type Program, steps } from "./programs.ts";
import { makeRoot } from "./root.ts";

/** `KILLS=500 npx vitest run checks/kill` for a thorough look. */
const KILLS = Number(process.env.KILLS ?? 60);
const AT_ONCE = 3;

const root = mkdtempSync(join(tmpdir(), "kill-"));
makeRoot(root, "kill");
afterAll(() => rmSync(root, { recursive: true }));

/** Node with the step's file; the tsx command, which starts Node. */
const launchers: ((program: Program) => string[])[] = [
  (program) => program.start([], root),
  (program) => [join(import.meta.dirname, "../node_modules/.bin/tsx"), program.start([], root).at(-1)!],
];

const kinds = steps().flatMap((program) =>
  launchers.map((launcher) => ({ program, words: launcher(program) })),
);

interface Launch {
  launcher: ReturnType<typeof spawn>;
  mark: string;
}

function launch({ program, words }: (typeof kinds)[number]): Launch {
  const mark = String(1e9 + Math.floor(Math.random() * 1e9)); // seconds, and found nowhere else
  const args = ["run", ...(program.takesRoot ? ["--rootfs", root] : []), "sleep", mark];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
  const [command, ...before] = words;
  return { launcher: spawn(command!, [...before, ...args], { stdio: "ignore", env }), mark };
}

/** Processes with the mark on their command line: the launcher, its child before exec, the program. */
const marked = (mark: string) => processes().filter(({ argv }) => argv.includes(mark));
const isRunning = (mark: string) => marked(mark).some(({ argv }) => argv[0] === "sleep");

/** Those whose parent is this process, or the one that gets the orphans: others' are not of our doing. */
const zombies = () => {
  const ours = new RegExp(`\\) Z (1|${process.pid}) `);
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && ours.test(read(`/proc/${pid}/stat`)));
};

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** Where a box would have mounted something, were it not for its namespace. */
const points = () =>
  mounts(process.pid)
    .map(({ point }) => point)
    .filter((point) => point.startsWith(root) || ["/", "/proc", "/sys", "/dev", "/tmp"].includes(point));

async function kill({ launcher, mark }: Launch, after: number) {
  await new Promise((resolve) => setTimeout(resolve, after));
  const reached = isRunning(mark);
  launcher.kill("SIGKILL");
  await once(launcher, "exit");
  return { reached, gone: await comesTrue(() => marked(mark).length === 0, 10) };
}

/** How long it takes from the start to the program, in milliseconds. */
async function duration(kind: (typeof kinds)[number]): Promise<number> {
  const start = performance.now();
  const launched = launch(kind);
  expect(await comesTrue(() => isRunning(launched.mark), 20)).toBe(true);
  await kill(launched, 0);
  return performance.now() - start;
}

test(`${KILLS} kills`, { timeout: 20_000 + KILLS * 2000 }, async () => {
  const before = { zombies: zombies(), points: points() };
  const longest = await Promise.all(kinds.slice(-AT_ONCE).map(duration));
  const jobs = Array.from({ length: KILLS }, (_, i) => kinds[i % kinds.length]!);
  const seen: Awaited<ReturnType<typeof kill>>[] = [];
  const lane = async () => {
    for (let kind = jobs.pop(); kind; kind = jobs.pop())
      seen.push(await kill(launch(kind), Math.random() * 1.2 * Math.max(...longest)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));

  // A bridge and a directory outlive who is killed: the next box of the newest step clears them away.
  const [node, ...words] = [...kinds.at(-2)!.words, "run", "--rootfs", root, "true"];
  expect(spawnSync(node!, words).status).toBe(0);

  expect(seen.filter(({ gone }) => !gone)).toEqual([]);
  // Some before the program ran and some after, or the moments were badly chosen.
  expect(new Set(seen.map(({ reached }) => reached)).size).toBe(2);
  expect(await comesTrue(() => zombies().every((pid) => before.zombies.includes(pid)), 10)).toBe(true);
  expect(points()).toEqual(before.points);
});
