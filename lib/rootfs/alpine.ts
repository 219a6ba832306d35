// Alpine's "mini root file system": 3.5 MB, made for containers, with a package manager.
import { join } from "node:path";
import { unpack } from "./archive.ts";
import { cacheDirectory, download } from "./download.ts";
import type { Making } from "./kind.ts";

/** A release: the mirror to ask, and for each machine the SHA-256 of its archive. */
export type Release = { mirror: string; version: string; sha256: Record<string, string> };

const pinned: Release = {
  mirror: "https://dl-cdn.alpinelinux.org/alpine",
  version: "3.22.6",
  sha256: {
    x86_64: "27694aaa55fd7a9e3ef596e0ad4eb66802308bb20172b17030cd5f4d8ae9bac2",
    aarch64: "821565fa8f3953eefd12497b166b4b50add2f7c57fb312e75862f5867e06fefe",
  },
};

/** Unpacks Alpine for `arch` into `root`, from the cache or else from the mirror. */
export async function alpine(root: string, { arch, release, signal }: Making): Promise<string> {
  const { mirror, version, sha256 } = { ...pinned, ...environment(), ...release };
  const checksum = sha256[arch];
  if (!checksum)
    throw new Error(`there is no checksum for ${arch}, only for ${Object.keys(sha256).join(", ")}`);
  const name = `alpine-minirootfs-${version}-${arch}.tar.gz`;
  const url = `${mirror}/v${version.replace(/\.\d+$/, "")}/releases/${arch}/${name}`;
  if (!URL.canParse(url)) throw new Error(`ALPINE_MIRROR is ${mirror}, expected was an address (http://…)`);
  const archive = join(cacheDirectory(), name);
  await download(url, archive, checksum, signal);
  await unpack(archive, root, signal);
  return `version ${version}`;
}

const environment = (): Partial<Release> =>
  process.env.ALPINE_MIRROR ? { mirror: process.env.ALPINE_MIRROR } : {};
