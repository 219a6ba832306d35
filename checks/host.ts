// The host is after the tests what it was before them. vitest runs this around the whole suite: globalSetup.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  type Dirent,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isAlive } from "../lib/boxes.ts";
import { handBack, handedDown } from "../lib/handed-down.ts";
import { runtime, store } from "../lib/paths.ts";

const PATIENCE = 3000; // milliseconds: what is dying may take that long
const MARK = "BOX_TESTS";

/** What there is of each kind, a line for each thing. */
type Snapshot = Record<string, string[]>;

let handed: string[];
let before: Snapshot;
let temporary: string;
let absent: string[];

/**
 * Runs before the first test. Whatever the tests start from here on has our mark, our directory for temporary files, and
 * a store and a runtime that are not the machine's.
 */
export function setup(): void {
  process.env[MARK] = `${process.pid}`;
  temporary = mkdtempSync(join(tmpdir(), "box-tests-"));
  chmodSync(temporary, 0o1777);
  process.env.TMPDIR = temporary;
  process.env.BOX_STORE = mkdtempSync(join(temporary, "store-"));
  process.env.BOX_RUNTIME = mkdtempSync(join(temporary, "run-"));
  absent = [store, runtime].filter((path) => !existsSync(path));
  handed = handedDown();
  before = snapshot();
}

/** Runs after the last one, lists on stderr what is new and what is gone, and has vitest fail. */
export async function teardown(): Promise<void> {
  handBack(handed);
  let changes = difference(before, snapshot());
  for (const end = Date.now() + PATIENCE; changes.length > 0 && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const now = difference(before, snapshot());
    changes = changes.filter((each) => now.includes(each)); // others come and go meanwhile
  }
  rmSync(temporary, { recursive: true, force: true });
  for (const path of absent) attempt(() => rmdirSync(path), undefined); // stages have something of theirs mounted there
  if (changes.length === 0) return;
  console.error(`\nThe tests have changed the host:\n  ${changes.join("\n  ")}`);
  process.exitCode = 1;
}

/** `+ mount …`, `- interface …`; nothing of a box whose launcher lives: that is somebody else's. */
const difference = (before: Snapshot, after: Snapshot): string[] =>
  Object.keys(after)
    .flatMap((kind) => [
      ...missing(after[kind]!, before[kind]!).map((each) => `+ ${kind}: ${each}`),
      ...missing(before[kind]!, after[kind]!).map((each) => `- ${kind}: ${each}`),
    ])
    .filter((each) => !(each.match(/\b\d+-\d+\b/g) ?? []).some(isAlive));

const missing = (these: string[], there: string[]): string[] => these.filter((each) => !there.includes(each));

const snapshot = (): Snapshot => ({
  process: processes(),
  mount: lines("/proc/self/mountinfo"),
  ...network(),
  cgroup: cgroups(),
  "System V object": ["msg", "sem", "shm"].flatMap((kind) => objects(kind)),
  setting: settings.map((name) => `${name} = ${text(`/proc/sys/${name}`).trim()}`),
  "file of ours": [store, runtime, ...running()].flatMap(filesIn),
  "temporary file": filesIn(temporary).filter((path) => !path.startsWith(join(temporary, "tsx-"))),
});

const settings = [
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/route_localnet",
  "kernel/hostname",
  "kernel/domainname",
];

// --- processes: only those that can be ours ---

const repository = dirname(import.meta.dirname);

const processes = (): string[] =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && canBeOurs(pid))
    .map((pid) => `${pid} ${words(`/proc/${pid}/cmdline`) || words(`/proc/${pid}/comm`)}`);

/** It has our mark, or it is an orphan: of a file of ours, of a pid namespace, or a zombie that nobody wants. */
function canBeOurs(pid: string): boolean {
  if (text(`/proc/${pid}/environ`).includes(`${MARK}=${process.pid}\0`)) return true;
  const [state, parent] = text(`/proc/${pid}/stat`).split(") ").at(-1)!.split(" ");
  if (parent !== "1" && parent !== `${process.pid}`) return false;
  return state === "Z" || text(`/proc/${pid}/cmdline`).includes(repository) || isElsewhere(pid);
}

const isElsewhere = (pid: string): boolean => link(`/proc/${pid}/ns/pid`) !== link("/proc/self/ns/pid");

// --- the rest, as the kernel tells it ---

const network = (): Snapshot => ({
  interface: lines("/proc/net/dev")
    .slice(2)
    .map((line) => line.split(":")[0]!.trim()),
  address: output("ip", "-oneline", "address").map((line) => line.split("\\")[0]!.trim()),
  route: output("ip", "-oneline", "route", "show", "table", "all"),
  "nft rule": output("nft", "list", "ruleset"),
});

/** At the top of each tree, where ours would be: below, sessions and services come and go. */
const cgroups = (): string[] =>
  lines("/proc/self/mountinfo")
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(" ")[4]!)
    .flatMap((root) => entries(root).flatMap((each) => (each.isDirectory() ? [join(root, each.name)] : [])));

/** Where boxes of the tests' own store and runtime are, while they live. */
const running = (): string[] => [
  join(process.env.BOX_STORE!, "running"),
  join(process.env.BOX_RUNTIME!, "names"),
];

const filesIn = (path: string): string[] => entries(path).map(({ name }) => join(path, name));

/** Key and id of each. */
const objects = (kind: string): string[] =>
  lines(`/proc/sysvipc/${kind}`)
    .slice(1)
    .map((line) => `${kind} ${line.trim().split(/\s+/).slice(0, 2).join(" ")}`);

function output(command: string, ...args: string[]): string[] {
  const { stdout } = spawnSync(command, args, { encoding: "utf8" });
  return (stdout ?? "").split("\n").filter(Boolean); // not installed: nothing of ours can be there
}

const lines = (file: string): string[] => text(file).split("\n").filter(Boolean);
const words = (file: string): string => text(file).replaceAll("\0", " ").trim();
const text = (file: string): string => attempt(() => readFileSync(file, "utf8"), "");
const link = (file: string): string => attempt(() => readlinkSync(file), "");
const entries = (path: string): Dirent[] => attempt(() => readdirSync(path, { withFileTypes: true }), []);

/** What comes and goes while we look is not there. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
