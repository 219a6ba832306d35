// What step 7 adds: a root that many boxes share and none can change. A box writes to a layer of its own.
import { chmodSync, chownSync, existsSync, mkdirSync, statfsSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { text, type Values } from "../../lib/cli.ts";
import { copyRoot, isOnBtrfs, snapshotRoot } from "../../lib/copies.ts";
import { chainOf, type Layer } from "../../lib/layer/tar.ts";
import { store } from "../../lib/paths.ts";
import { UsageError } from "../../lib/report.ts";
import { chdir, MS_BIND, MS_PRIVATE, MS_REC, mount, type Recipe, waitForParent } from "../../native/index.ts";
import { dieWithLauncher, exec } from "../01-exec/exec.ts";
import { findRootfs } from "../04-mnt-chroot/rootfs.ts";
import {
  type Base,
  changing,
  directoryOf,
  findImage,
  layers,
  makeImage,
  nameFault,
  noteBase,
  notedBase,
  type Own,
  ownDirectory,
  sweep,
} from "./images.ts";

const none = () => undefined;
const storageFault = (given: string): string | undefined =>
  ["overlay", "vfs", "btrfs"].includes(given) ? undefined : `expected overlay, vfs or btrfs, got '${given}'`;

export const overlayOptions = {
  image: text("NAME", "image to start from, instead of --rootfs", none, nameFault),
  name: text("NAME", "name for the box: run it again, and what it wrote is there again", none, nameFault),
  commit: text("NAME", "makes what the box wrote the newest layer of image NAME", none, nameFault),
  storage: text("KIND", "overlay, vfs (a copy) or btrfs (a snapshot)", () => "overlay", storageFault),
};

type Options = Values<typeof overlayOptions> & { rootfs: string };

/** The root of one box: where it will be, and the recipe that mounts it there. */
export type BoxRoot = { path: string; mounts: Recipe; base: Base; own: Own };

// #region overlay
const PAGE = 4096; // so many bytes of options mount(2) reads; it drops what is beyond without a word

/** Recipe: at `directory`/root the layers of `base`, and on them an upper. `volatile`: a crash may spoil that one. */
export function overlayMounts(directory: string, base: Base, volatile: boolean): Recipe {
  // Relative paths are short, and have no colon or comma even if the path of the store has.
  const here = relative(layers, directory);
  const lowers = "rootfs" in base ? [`${here}/lower`] : lowersOf(base.layers);
  const options = [
    `lowerdir=${lowers.join(":")}`,
    `upperdir=${here}/upper`,
    `workdir=${here}/work`, // where a file is made ready, to appear in the upper by a rename
    // These three would note in the upper where something lies below: it could not be moved elsewhere alone.
    ...["index=off", "metacopy=off", "redirect_dir=nofollow"],
    // Else the last unmount waits until all that is to be written to this disk, by anyone, is there.
    ...(volatile ? ["volatile"] : []),
  ].join(",");
  if (options.length >= PAGE)
    throw new UsageError(`${lowers.length} layers do not fit into the ${PAGE} bytes of mount options`);
  return [
    // Else the host would see the mounts, and keep them.
    mount(null, "/", null, MS_REC | MS_PRIVATE),
    // The path of a root file system is anyone's choice: bound to here, it has no colon either.
    ...("rootfs" in base ? [mount(base.rootfs, join(directory, "lower"), null, MS_BIND)] : []),
    chdir(layers),
    mount("overlay", join(directory, "root"), "overlay", 0, options),
  ];
}

/** Top first. The kernel takes no directory twice (ELOOP); of equal layers only the topmost can be seen anyway. */
const lowersOf = (all: Layer[]): string[] => [
  ...new Set(all.toReversed().map(({ hash }) => directoryOf(hash))),
];
// #endregion

// #region box
/** A root that the box may write to, on what `options` name. @throws {UsageError} */
export async function boxRoot(options: Options): Promise<BoxRoot> {
  sweep();
  const { own, base } = changing(() => {
    const own = ownDirectory(options.name);
    const base = findBase(options, notedBase(own.path));
    noteBase(own.path, base);
    return { own, base };
  });
  refuse(options, base);
  makeDirectories(own.path, base);
  const mounts = overlayMounts(own.path, base, !options.name && !options.commit);
  const box = { path: join(own.path, "root"), mounts, base, own };
  return options.storage === "overlay" ? box : copied(box, options.storage);
}

/** What becomes of what the box wrote: a layer for --commit, kept for --name, else gone when this process ends. */
export async function keepChanges({ own, base }: BoxRoot, { name, commit }: Options): Promise<void> {
  own.kept = name !== undefined;
  if (commit === undefined || "rootfs" in base) return;
  await makeImage(commit, base.layers, [join(own.path, "upper")]);
  own.kept = false; // on the new image, a box of that name starts anew
}

// #endregion

// #region base
/** A box with a name goes on with the layers it began with, whatever its image has become. */
function findBase({ image, rootfs, name }: Options, noted: Base | undefined): Base {
  if (noted && "image" in noted && (image ?? noted.image) === noted.image) return noted;
  const base = image ? { image, layers: findImage(image) } : { rootfs: findRootfs(rootfs) };
  if (noted && JSON.stringify(noted) !== JSON.stringify(base))
    throw new UsageError(`the box ${name} began with another root; npm run images forget ${name} removes it`);
  return base;
}

function makeDirectories(directory: string, base: Base): void {
  for (const name of ["lower", "work", "root"]) mkdirSync(join(directory, name), { recursive: true });
  const upper = join(directory, "upper");
  if (existsSync(upper)) return;
  mkdirSync(upper);
  // The root directory that the box sees is the upper's: it gets the owner and mode of the one below.
  const top = "rootfs" in base ? base.rootfs : join(layers, directoryOf(base.layers.at(-1)!.hash));
  const { mode, uid, gid } = statSync(top);
  chownSync(upper, uid, gid);
  chmodSync(upper, mode);
}

const OVERLAYFS = 0x794c7630; // statfs(2)

function refuse({ storage, commit, name }: Options, base: Base): void {
  if (commit && "rootfs" in base)
    throw new UsageError("--commit takes --image, to lie on: npm run images import NAME DIR makes one");
  if (storage !== "overlay" && (commit || name))
    throw new UsageError(`--storage ${storage} is for comparison, without --commit and --name`);
  if (storage === "overlay" && statfsSync(store).type === OVERLAYFS)
    throw new UsageError(`${store} is on overlay, which carries no upper: BOX_STORE=DIR names another place`);
  if (storage === "btrfs" && ("rootfs" in base || !isOnBtrfs(store)))
    throw new UsageError("--storage btrfs takes --image, and a store on btrfs: BOX_STORE=DIR names one");
}
// #endregion

// #region others
/** The same without overlay, which here has only to put the layers together for a copy to be made. */
async function copied({ path, mounts, base, own }: BoxRoot, storage: string): Promise<BoxRoot> {
  const reader = [...dieWithLauncher(), ...mounts, chdir(path), ...waitForParent(), ...exec(["true"])];
  const copy = join(own.path, storage);
  if (storage === "vfs" || "rootfs" in base) await copyRoot(reader, copy);
  else await snapshotRoot(reader, join(layers, directoryOf(chainOf(base.layers))), copy);
  return { path: copy, mounts: [], base, own };
}
// #endregion
