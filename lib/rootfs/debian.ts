// A root file system out of one Debian package: busybox-static.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installBusybox } from "./busybox.ts";
import { cacheDirectory } from "./download.ts";
import { type Making, needNative } from "./kind.ts";
import { run } from "./run.ts";
import { makeSkeleton } from "./skeleton.ts";

// apt and the resolver are more patient than a room without network can be.
const hasty = ["-oAcquire::Retries=0", "-oAcquire::http::Timeout=5", "-oAcquire::https::Timeout=5"];
const limits = { timeout: 30_000, env: { RES_OPTIONS: "timeout:2 attempts:1" } };

/** Fills `root` from Debian's busybox package, which apt downloads and verifies, or finds in the cache. */
export async function debian(root: string, { arch, signal }: Making): Promise<string> {
  needNative(arch);
  makeSkeleton(root);
  const unpacked = join(root, "tmp/package");
  const archive = await downloadPackage("busybox-static", root, signal);
  await run("dpkg-deb", ["--extract", archive, unpacked], { signal });
  // Since Debian 13 programs are packaged in /usr/bin.
  const binary = ["bin/busybox", "usr/bin/busybox"].map((name) => join(unpacked, name)).find(existsSync);
  if (!binary) throw new Error(`${archive} has no busybox in it`);
  await installBusybox(binary, root, signal);
  rmSync(unpacked, { recursive: true });
  return `made from busybox-static ${(await run("dpkg-deb", ["--field", archive, "Version"])).trim()}`;
}

/** apt-get downloads into the working directory, and leaves alone what is there and right. */
async function downloadPackage(name: string, empty: string, signal?: AbortSignal): Promise<string> {
  const cwd = cacheDirectory();
  mkdirSync(cwd, { recursive: true });
  await run("apt-get", [...hasty, "download", name], { cwd, signal, ...limits }).catch((error) => {
    throw new Error(`${error.message} (apt-get update may help)`);
  });
  // It says what the file is called only where the file is not.
  const uris = await run("apt-get", ["download", "--print-uris", name], { cwd: empty, signal });
  return join(cwd, String(/^'.*' (\S+)/m.exec(uris)?.[1]));
}
