// A layer as the tar stream that images are passed on in, and back.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../report.ts";
import { unpack } from "../rootfs/archive.ts";
import { applyMarks, bytes, latin1, survey } from "./marks.ts";

/** `hash`: SHA-256 of the tar stream, in hex; OCI calls it DiffID. `size`: the stream's length in bytes. */
export type Layer = { hash: string; size: number };

/** One hash for layers that lie on each other, bottom first: OCI's ChainID, but for the notation. */
export const chainOf = (all: Layer[]): string =>
  createHash("sha256")
    .update(all.map(({ hash }) => hash).join(" "))
    .digest("hex");

// What overlay notes down for itself is worth nothing elsewhere, and from elsewhere not to be trusted.
const attributes = ["--xattrs", "--xattrs-include=*", "--xattrs-exclude=trusted.overlay.*"];

// The same tree must give the same bytes on every machine: one order, numbers for owners, whole seconds.
const canonical = [
  ...["--create", "--format=posix", "--numeric-owner", "--no-recursion", "--null", "--no-unquote"],
  "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime,delete=mtime",
];

/**
 * Hands the tar stream of the layer in `directory` to `write`, piece by piece, and describes it. `scratch`: a path
 * where a directory of ours may stand meanwhile. Needs GNU tar. @throws {UsageError} with tar's words
 */
export async function toTar(
  directory: string,
  scratch: string,
  write: (piece: Buffer) => void = () => {},
): Promise<Layer> {
  const { names, marks } = survey(directory);
  rmSync(scratch, { recursive: true, force: true }); // of one that was killed
  mkdirSync(scratch);
  writeMarks(join(scratch, "marks"), marks);
  const hash = createHash("sha256");
  let size = 0;
  const source = (from: string, list: string, members: string[]): string[] => {
    writeFileSync(join(scratch, list), bytes(members.map((name) => `${name}\0`).join("")));
    return ["-C", from, "-T", join(scratch, list)];
  };
  // Marks come first: whoever unpacks the stream never deletes what the layer itself has brought.
  const sources = [...source(join(scratch, "marks"), "1", marks), ...source(resolve(directory), "2", names)];
  await tar([...canonical, ...attributes, ...sources], (piece) => {
    hash.update(piece);
    size += piece.length;
    write(piece);
  });
  rmSync(scratch, { recursive: true });
  return { hash: hash.digest("hex"), size };
}

/** Unpacks the tar stream of a layer, compressed or not, into the empty `directory`. `spare`: a free path beside it. */
export async function fromTar(
  archive: string,
  directory: string,
  spare: string,
  signal?: AbortSignal,
): Promise<void> {
  await unpackTar(archive, directory, signal);
  applyMarks(directory, spare);
}

/** Unpacks any archive; a member that would write outside of `directory` is refused. @throws {UsageError} */
export async function unpackTar(archive: string, directory: string, signal?: AbortSignal): Promise<void> {
  const env = { TAR_OPTIONS: attributes.join(" ") };
  await unpack(archive, directory, signal, env).catch((error: Error) => {
    throw new UsageError(error.message);
  });
}

function writeMarks(root: string, marks: string[]): void {
  mkdirSync(root);
  for (const mark of marks) {
    const file = bytes(`${latin1(root)}/${mark}`);
    mkdirSync(bytes(`${latin1(root)}/${dirname(mark)}`), { recursive: true });
    writeFileSync(file, "");
    chmodSync(file, 0o644);
    utimesSync(file, 0, 0);
  }
}

async function tar(args: string[], write: (piece: Buffer) => void): Promise<void> {
  const env = { ...process.env, LC_ALL: "C", TAR_OPTIONS: "" };
  const child = spawn("tar", args, { stdio: ["ignore", "pipe", "pipe"], env });
  const closed = once(child, "close");
  let words = "";
  child.stderr.on("data", (text) => {
    words += text;
  });
  for await (const piece of child.stdout) write(piece);
  const [status] = await closed;
  if (status !== 0) throw new UsageError(words.split("\n")[0] || "tar was stopped");
}
