// What the tests of rootfs-fetch.ts stand on: a mirror, archives written byte by byte,
// the command as a process.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { machine } from "node:os";
import { gzipSync } from "node:zlib";
import type { Release } from "../lib/rootfs/alpine.ts";

const command = new URL("rootfs-fetch.command.ts", import.meta.url).pathname;

/** The name of the test mirror's archive; version 0.0.1 exists nowhere. */
export const archiveName = `alpine-minirootfs-0.0.1-${machine()}.tar.gz`;

export const sha256 = (data: Buffer): string => createHash("sha256").update(data).digest("hex");

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server; `release` is what makes the command ask it, `asked` the Range of each request so far. */
export async function startMirror(expected: Buffer, answer: Handler) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.range);
    answer(request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    release: releaseAt(`http://127.0.0.1:${port}`, expected),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const releaseAt = (mirror: string, archive: Buffer): Release => ({
  mirror,
  version: "0.0.1",
  sha256: { [machine()]: sha256(archive) },
});

/** Answers with `data`, or with the part of it that was asked for. */
export const serve =
  (data: Buffer): Handler =>
  (request, response) => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (start >= data.length) response.writeHead(416).end();
    else response.writeHead(206, { "content-length": data.length - start }).end(data.subarray(start));
  };

/** Answers with the first `count` bytes of `data`, and then says nothing more. */
export const stall =
  (data: Buffer, count: number): Handler =>
  (_, response) => {
    response.writeHead(206, { "content-length": data.length }).write(data.subarray(0, count));
  };

export type Entry = { name: string; type?: string; target?: string; data?: string };

/** A gzipped archive with exactly these members; tar itself would refuse to write most of them. ustar(5) */
export function archiveOf(entries: Entry[]): Buffer {
  return gzipSync(Buffer.concat([...entries.map(entryOf), Buffer.alloc(1024)]));
}

function entryOf({ name, type = "0", target = "", data = "" }: Entry): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`0000755\0${"0000000\0".repeat(2)}`, 100);
  header.write(`${data.length.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0        ${type}`, 124);
  header.write(target, 157);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const body = Buffer.alloc(Math.ceil(data.length / 512) * 512);
  body.write(data);
  return Buffer.concat([header, body]);
}

export type Ended = { status: number | null; stdout: string; stderr: string };

export type Start = { release?: Release; within?: string[] };

/** Starts the command in a process of its own; `within` is what runs it (unshare -n, say). */
export function start(args: string[], { release, within = [] }: Start = {}): ChildProcess {
  const line = [
    ...within,
    process.execPath,
    "--import",
    "tsx",
    command,
    JSON.stringify(release ?? {}),
    ...args,
  ];
  return spawn(String(line[0]), line.slice(1));
}

/** Waits for the end of a process and tells what it said. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const said = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => {
    said.stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    said.stderr += chunk;
  });
  const [status] = await once(child, "close");
  return { status, ...said };
}

/** Waits until something is so; throws if it is not within ten seconds. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 1000) throw new Error(`not within ten seconds: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
