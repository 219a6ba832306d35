// A store and an image in it for the tests of this step. BOX_PROGRAM names another program to test. The path of the
// store has all that overlay's options would trip over.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { makeRoot } from "../../checks/root.ts";
import { imagesCommand, stepCommand } from "../../checks/steps.ts";
import { lsetxattr, perform } from "../../native/index.ts";

export const program = process.env.BOX_PROGRAM?.split(" ") ?? stepCommand("07-overlay");
// Without the bridge: what a killed launcher leaves of it, the next one sweeps up, and there is none.
export const runBox = [...program, "run", "--network", "none"];
export const manager = imagesCommand();

export const work = mkdtempSync(join(tmpdir(), "box-overlay-"));
export const root = join(work, "root");
export const store = join(work, "a store, with: all");

beforeAll(() => {
  makeRoot(root, "base");
  perform(lsetxattr(Buffer.from(join(root, "etc/mark")), "user.note", "kept"));
  mkdirSync(join(root, "srv"));
  // What a box gets mounted over these is not the image's. Where they are missing, their mount points are new.
  for (const name of ["hostname", "hosts", "resolv.conf", "../srv/old"])
    writeFileSync(join(root, "etc", name), "");
  expect(images("import", "base", root).status).toBe(0);
});
afterAll(() => {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  rmSync(work, { recursive: true });
  expect(mounts).not.toContain(work);
});

export const env = (place: string) => ({
  ...process.env,
  BOX_STORE: place,
  NODE_EXTRA_CA_CERTS: undefined,
  INIT_CWD: undefined,
});

export function run(argv: string[], place = store) {
  const options = { encoding: "utf8", env: env(place), cwd: join(import.meta.dirname, "../..") } as const;
  const { status, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), options);
  return { status, stdout, stderr };
}
export const images = (...args: string[]) => run([...manager, ...args]);
/** Runs a shell script in a box. */
export const box = (options: string[], script: string) => run([...runBox, ...options, "sh", "-c", script]);
export const from = (image: string, ...more: string[]) => ["--image", image, ...more];

/** Starts a box, and waits until it says something. */
export async function start(options: string[], script: string) {
  const argv = [...runBox, ...options, "sh", "-c", script];
  const launcher = spawn(argv[0]!, argv.slice(1), { env: env(store), stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void launcher.kill("SIGKILL"));
  const ended = once(launcher, "exit");
  await once(launcher.stdout, "data");
  return { launcher, ended };
}

/** Whether a launcher passes signals on by now. Not asked of SIGTERM: Node has a handler for that from the start. */
export function handlesSignals(pid: number): boolean {
  const caught = /SigCgt:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))![1];
  return ((BigInt(`0x${caught}`) >> BigInt(constants.signals.SIGUSR2 - 1)) & 1n) === 1n;
}

/** A tree as one hash, by other means than the store's own: names, owners, modes, times, data, attributes. */
export function fingerprint(directory: string): string {
  const tar = "tar -c --sort=name --numeric-owner --xattrs --pax-option=delete=atime,delete=ctime";
  return execFileSync("sh", ["-c", `${tar} -C "$0" . | sha256sum`, directory], { encoding: "utf8" });
}

export const layers = (place = store): string => join(place, "layers");
export const layersOf = (name: string, place = store): string[] =>
  JSON.parse(readFileSync(join(place, "images", `${name}.json`), "utf8")).layers.map(
    ({ hash }: { hash: string }) => hash,
  );

/** What boxes have left: those without a name, and those with one. */
export const left = () => ["running", "named"].map((place) => readdirSync(join(store, place)));

export const oneLine = (text: string) => ({
  status: 125,
  stdout: "",
  stderr: expect.stringMatching(new RegExp(`^box: .*${text}.*\n$`)),
});

/** Runs a shell script where its mounts are nobody else's; `$box` and `$images` are the programs. */
export function elsewhere(place: string, script: string) {
  mkdirSync(place, { recursive: true });
  const words = (argv: string[]) => argv.map((word) => `'${word}'`).join(" ");
  const shell = `set -e; box() { ${words(runBox)} "$@"; }; images() { ${words(manager)} "$@"; }; ${script}`;
  return run(
    ["unshare", "--mount", "--propagation", "private", "sh", "-c", shell, place],
    join(place, "store"),
  );
}
