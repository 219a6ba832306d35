// A second module, because overlay mounts directories and does not ask where they come from: the store.
//
//   layers/3f2a9c81d0e4   a layer: a directory, named by the first digits of its hash
//   images/NAME.json      an image: its layers, bottom first
//   running/4711-88215    a box or an import that runs; gone with it
//   named/NAME            a box with a name: kept
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { announce } from "../../lib/announce.ts";
import { boxName } from "../../lib/boxes.ts";
import { chainOf, type Layer, toTar } from "../../lib/layer/tar.ts";
import { claim, isClaimed, locked } from "../../lib/lock.ts";
import { store } from "../../lib/paths.ts";
import { atExit, UsageError } from "../../lib/report.ts";
import { removeTree } from "../../lib/tools.ts";

/** What a box or an image stands on: layers, bottom first, or a directory that is no layer of the store. */
export type Base = { image: string; layers: Layer[] } | { rootfs: string };

/** Where the layers are. */
export const layers = join(store, "layers");
const images = join(store, "images");
const running = join(store, "running");
const named = join(store, "named");

/** What is wrong with the name of an image or a box, if anything. */
export const nameFault = (given: string): string | undefined =>
  /^[a-z0-9](\.?[a-z0-9_-]){0,99}$/.test(given)
    ? undefined
    : `expected a name of small letters, digits, '.', '_' and '-', got '${given}'`;

/** The directory in `layers`. Short: the names of a hundred layers must fit into one mount option. */
export const directoryOf = (hash: string): string => hash.slice(0, 12);

// #region images
/** All images there are. */
export const imageNames = (): string[] =>
  entries(images).flatMap((file) => (file.endsWith(".json") ? file.slice(0, -".json".length) : []));

/** The layers of an image, bottom first. @throws {UsageError} if there is no such image */
export function findImage(name: string): Layer[] {
  if (nameFault(name)) throw new UsageError(`image: ${nameFault(name)}`);
  if (!existsSync(imageFile(name)))
    throw new UsageError(
      `no image ${name}: npm run images lists what is there, npm run images import ${name} DIR makes it`,
    );
  return JSON.parse(readFileSync(imageFile(name), "utf8")).layers;
}

/** Moves the directories `fresh` into the store as layers on top of `below`; all of them are image `name` now. */
export async function makeImage(name: string, below: Layer[], fresh: string[]): Promise<void> {
  const added: Layer[] = [];
  for (const directory of fresh) {
    utimesSync(directory, 0, 0); // when it was made is no part of what is in it
    added.push(await toTar(directory, `${directory}.tar`));
  }
  changing(() => {
    const commit = announce(imageFile(name), { layers: [...below, ...added] });
    for (const [i, { hash }] of added.entries()) {
      const directory = join(layers, directoryOf(hash));
      if (!existsSync(directory)) renameSync(fresh[i]!, directory);
    }
    commit();
    collect();
  });
}

/** Forgets an image, and the layers that no other image and no box stands on. @throws {UsageError} */
export function removeImage(name: string): void {
  findImage(name);
  changing(() => {
    rmSync(imageFile(name));
    collect();
  });
}

const imageFile = (name: string): string => join(images, `${name}.json`);
// #endregion

// #region boxes
/** A directory of ours alone. It is removed when this process ends, unless it is `kept`. */
export type Own = { path: string; kept: boolean };

/** The directory of a new box or import, or of the box called `name`. @throws {UsageError} if that one runs */
export function ownDirectory(name?: string): Own {
  const path = name ? join(named, name) : join(running, boxName());
  if (!claim(path)) throw new UsageError(`a box ${name} runs already: two cannot write to one upper`);
  const own = { path, kept: notedBase(path) !== undefined };
  atExit(() => own.kept || changing(() => removeTree(path)));
  return own;
}

/** Notes what the box in `directory` stands on: those layers stay. */
export const noteBase = (directory: string, base: Base): void => announce(baseFile(directory), base)();

/** What the box in `directory` stands on, if that was noted. */
export const notedBase = (directory: string): Base | undefined =>
  existsSync(baseFile(directory)) ? JSON.parse(readFileSync(baseFile(directory), "utf8")) : undefined;

const baseFile = (directory: string): string => join(directory, "base.json");

/** The boxes that were given a name, whether or not they run. */
export const boxNames = (): string[] => entries(named);

/** @throws {UsageError} if there is no such box, or if it runs */
export function removeBox(name: string): void {
  if (!boxNames().includes(name)) throw new UsageError(`no box ${name}: npm run images lists what is there`);
  changing(() => {
    const own = ownDirectory(name);
    removeTree(own.path);
    own.kept = true; // nothing is left to remove
    collect();
  });
}

/** Directories of dead boxes and imports. */
export const deadRunning = (): string[] =>
  entries(running).flatMap((name) => (isClaimed(join(running, name)) ? [] : [join(running, name)]));

/** Removes what dead boxes and imports have left, and layers that nothing stands on. */
export const sweep = (): void =>
  changing(() => {
    for (const path of deadRunning()) if (claim(path)) removeTree(path);
    collect();
  });

const collect = (): void => {
  for (const name of unneededLayers()) removeTree(join(layers, name));
};

/** Directories in `layers` on which no image and no box stands. */
export function unneededLayers(): string[] {
  const boxes = [running, named].flatMap((place) => entries(place).map((name) => join(place, name)));
  const bases = boxes.flatMap((directory) => notedBase(directory) ?? []);
  const used = bases.flatMap((base) => ("layers" in base ? [base.layers] : []));
  used.push(...imageNames().map(findImage));
  const needed = new Set([...used.flat().map(({ hash }) => hash), ...used.map(chainOf)].map(directoryOf));
  return entries(layers).filter((name) => !needed.has(name));
}
// #endregion

/** Does `action` while no other process changes the store. */
export const changing = <T>(action: () => T): T =>
  locked(store, () => {
    for (const place of [layers, images, running, named]) mkdirSync(place, { recursive: true });
    return action();
  });

const entries = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory).sort() : []);
