// An image as one file, "a tarball of tarballs": what `docker save` writes, and `docker load` and `podman load` read.
//   source  https://github.com/moby/docker-image-spec/blob/main/v1.2.md
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import { UsageError } from "../report.ts";
import { run } from "../rootfs/run.ts";
import { fromTar, toTar, unpackTar } from "./tar.ts";

/** Writes the image of these layers, bottom first, to `file`. `scratch`: an empty directory. @throws {UsageError} */
export async function packImage(
  name: string,
  directories: string[],
  file: string,
  scratch: string,
): Promise<void> {
  const hashes: string[] = [];
  for (const directory of directories) hashes.push(await packLayer(directory, scratch));
  const config = JSON.stringify({
    architecture: arch() === "x64" ? "amd64" : arch(),
    os: "linux",
    config: { Cmd: ["/bin/sh"] },
    rootfs: { type: "layers", diff_ids: hashes.map((hash) => `sha256:${hash}`) },
  });
  const Config = `${createHash("sha256").update(config).digest("hex")}.json`;
  const Layers = hashes.map((hash) => `${hash}.tar`);
  writeFileSync(join(scratch, Config), config);
  writeFileSync(
    join(scratch, "manifest.json"),
    JSON.stringify([{ Config, RepoTags: [`${name}:latest`], Layers }]),
  );
  const members = ["manifest.json", Config, ...new Set(Layers)];
  const canonical = [
    "--format=ustar",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mtime=@0",
    "--mode=644",
  ];
  await run("tar", ["--create", ...canonical, "-f", file, "-C", scratch, ...members]).catch(
    (error: Error) => {
      throw new UsageError(error.message);
    },
  );
}

/** Writes the layer to `scratch`/HASH.tar and returns the hash. */
async function packLayer(directory: string, scratch: string): Promise<string> {
  const unnamed = join(scratch, "layer");
  const fd = openSync(unnamed, "w");
  try {
    const { hash } = await toTar(directory, join(scratch, "marks"), (piece) => writeWhole(fd, piece));
    renameSync(unnamed, join(scratch, `${hash}.tar`));
    return hash;
  } finally {
    closeSync(fd);
  }
}

/** write(2) may write less than it was given, on a disk that is nearly full. */
function writeWhole(fd: number, piece: Buffer): void {
  for (let done = 0; done < piece.length; ) done += writeSync(fd, piece, done);
}

/**
 * Unpacks an image, or the archive of a plain root file system, below the empty directory `scratch`, and returns
 * the directories of its layers, bottom first. @throws {UsageError} for what tar cannot read or must not unpack
 */
export async function unpackImage(file: string, scratch: string, signal?: AbortSignal): Promise<string[]> {
  const whole = join(scratch, "whole");
  mkdirSync(whole);
  await unpackTar(file, whole, signal);
  const archives = layersIn(whole);
  for (const [i, archive] of archives.entries()) {
    mkdirSync(join(scratch, `${i}`));
    await fromTar(archive, join(scratch, `${i}`), join(scratch, "spare"), signal);
  }
  return archives.length > 0 ? archives.map((_, i) => join(scratch, `${i}`)) : [whole];
}

/** The tar files that the manifest names; none where there is none. */
function layersIn(whole: string): string[] {
  const manifest = join(whole, "manifest.json");
  if (!existsSync(manifest)) {
    if (!existsSync(join(whole, "oci-layout"))) return [];
    throw new UsageError(
      "expected an archive as docker save writes it, got an OCI layout without manifest.json",
    );
  }
  return layerNames(manifest).map((name) => {
    const path = realpathSync(join(whole, name));
    if (!path.startsWith(`${realpathSync(whole)}/`) || !statSync(path).isFile())
      throw new UsageError(`the archive is not safe: layer ${name}`);
    return path;
  });
}

function layerNames(manifest: string): string[] {
  try {
    if (!lstatSync(manifest).isFile()) throw new Error("a pipe, say, would be read for ever");
    const [{ Layers }] = JSON.parse(readFileSync(manifest, "utf8"));
    if (Array.isArray(Layers) && Layers.length > 0 && Layers.every((name) => typeof name === "string"))
      return Layers;
  } catch {}
  throw new UsageError(
    "manifest.json in the archive is not one of docker's: a list of images, each with its Layers",
  );
}
