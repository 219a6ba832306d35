// Brings one file over HTTP: resumed where it stopped, checked, and in its place only when complete.
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { endProgress, progress } from "./progress.ts";

/** Milliseconds a mirror may stay silent before it counts as dead. */
const patience = 5_000;

/** Where downloads are kept. */
export const cacheDirectory = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "linux-containers-diy");

/**
 * Brings `url` to `file`, whose SHA-256 must be `sha256`; a file that is there and right is left alone.
 * What an interrupted download brought stays in `file`.part, and the next one asks only for the rest.
 */
export async function download(url: string, file: string, sha256: string, signal?: AbortSignal) {
  if (existsSync(file) && sha256Of(file) === sha256) return;
  const part = `${file}.part`;
  mkdirSync(dirname(file), { recursive: true });
  await fetchRest(url, part, signal);
  const got = sha256Of(part);
  if (got !== sha256) {
    rmSync(part);
    throw new Error(
      `${url} is not the file expected: SHA-256 ${sha256} was expected, ${got} came. It was deleted: run this again, or use another mirror`,
    );
  }
  renameSync(part, file);
}

/** Appends to `part` what it lacks. Whether it fits what was there before, the checksum tells. */
async function fetchRest(url: string, part: string, signal?: AbortSignal): Promise<void> {
  const quiet = new AbortController();
  const watchdog = setTimeout(() => quiet.abort(), patience);
  const signals = signal ? [quiet.signal, signal] : [quiet.signal];
  const have = statSync(part, { throwIfNoEntry: false })?.size ?? 0;
  try {
    const response = await ask(url, have, AbortSignal.any(signals));
    if (response) await save(response, part, have, () => watchdog.refresh());
  } finally {
    clearTimeout(watchdog);
  }
}

/** Asks for the bytes from `have` on. No response: there are none. */
async function ask(url: string, have: number, signal: AbortSignal): Promise<Response | undefined> {
  // "identity": some servers unpack .gz on the way, and fetch would do so too.
  const headers = { range: `bytes=${have}-`, "accept-encoding": "identity" };
  const response = await fetch(url, { headers, signal }).catch((error: Error) => {
    throw new Error(
      `no answer from ${new URL(url).host} (${cause(error)}): check the network, or set ALPINE_MIRROR`,
    );
  });
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 416) return undefined;
  throw new Error(`${url} answers ${response.status} ${response.statusText}: is the mirror complete?`);
}

async function save(response: Response, part: string, have: number, alive: () => void): Promise<void> {
  // 206: the rest. 200: a server that knows no ranges, and sends the whole file.
  const resumed = response.status === 206;
  let size = resumed ? have : 0;
  const total = size + Number(response.headers.get("content-length") ?? Number.NaN);
  const show = progress(basename(part, ".part"), size, total);
  const out = openSync(part, resumed ? "a" : "w");
  try {
    for await (const chunk of response.body ?? []) {
      alive();
      writeFileSync(out, chunk);
      size += chunk.length;
      show(size);
    }
  } catch (error) {
    throw new Error(explain(error as Error, part, size, total));
  } finally {
    closeSync(out);
    endProgress();
  }
}

function explain(error: Error, part: string, size: number, total: number): string {
  if ("code" in error && error.code === "ENOSPC")
    return `no space left for ${part}: free some, or set XDG_CACHE_HOME to another disk`;
  return `the connection was cut after ${size} of ${total || "unknown"} bytes (${cause(error)}): run this again, it goes on from there`;
}

/** The reason fetch hides in its error's cause. */
function cause(error: Error): string {
  if (error.name === "AbortError") return `nothing came for ${patience / 1000} s`;
  const { code, message } = (error.cause ?? error) as { code?: string; message: string };
  return code ?? message;
}

function sha256Of(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
