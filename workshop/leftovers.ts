// What there is of ours on a machine, kind by kind, and what takes it away.
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { deadCheckGroups, sweepCheckGroups } from "../checks/machine-groups.ts";
import { isAlive, isBoxName } from "../lib/boxes.ts";
import { boxGroups, hierarchies, sweepCgroups, unless, withDeadGroups } from "../lib/cgroups.ts";
import { handBack } from "../lib/handed-down.ts";
import { deadNames, sweepNames } from "../lib/names.ts";
import { defaultRootfs, machineRuntime, runtime, store } from "../lib/paths.ts";
import { cacheDirectory } from "../lib/rootfs/download.ts";
import { refuseMounts } from "../lib/rootfs/target.ts";
import { removeTree } from "../lib/tools.ts";
import { leftOnBridge, sweepBridge } from "../steps/06-net/bridge.ts";
import {
  boxNames,
  deadRunning,
  imageNames,
  layers,
  removeBox,
  removeImage,
  sweep,
  unneededLayers,
} from "../steps/07-overlay/images.ts";

/** Things of one kind. `remove` takes all of them away, and is asked only where there are some. */
export type Kind = { list: () => string[]; remove: () => void | Promise<void> };

// #region dead
/** What launchers that were killed have left. Processes first: they hold the rest. */
export const leftBehind: Kind[] = [
  { list: deadGroups, remove: sweepCgroups },
  { list: leftOnBridge, remove: sweepBridge },
  { list: deadCheckGroups, remove: sweepCheckGroups },
  { list: deadNames, remove: sweepNames },
  { list: leftInStore, remove: sweep },
];

/** A group is in every tree, and is one thing all the same. */
function deadGroups(): string[] {
  let names: string[] = [];
  withDeadGroups((dead) => {
    names = dead.map((path) => basename(path));
  });
  return [...new Set(names)].map((name) => `cgroup ${name}`);
}

function leftInStore(): string[] {
  return [...deadRunning(), ...unneededLayers().map((name) => join(layers, name))];
}
// #endregion

// #region all
/** What is in use, or was made to be kept. The boxes that run come first, for what dies with them to be swept. */
export const running: Kind = { list: liveBoxes, remove: stopBoxes };

export const kept: Kind[] = [
  { list: () => boxNames().map((name) => `box ${name}`), remove: () => boxNames().forEach(removeBox) },
  {
    list: () => imageNames().map((name) => `image ${name}`),
    remove: () => imageNames().forEach(removeImage),
  },
  { list: rootFileSystems, remove: () => rootFileSystems().forEach(removeRoot) },
  { list: downloads, remove: () => downloads().forEach(removeTree) },
  { list: launchersGroups, remove: () => handBack([]) },
];

function liveBoxes(): string[] {
  return liveNames().map((name) => `box ${name}, which runs`);
}

/** Names of launchers that live, found wherever a box puts its name. */
function liveNames(): string[] {
  const groups = boxGroups().map((path) => basename(path).replace("box-", ""));
  const places = [join(store, "running"), join(runtime, "names")].flatMap(entries);
  return [...new Set([...groups, ...places])].filter((name) => isBoxName(name) && isAlive(name));
}

const PATIENCE = 10_000; // ms, as docker stop has

/** SIGTERM: the launcher ends its box and clears away. One that does not is killed, and swept. */
async function stopBoxes(): Promise<void> {
  const names = liveNames();
  signal(names, "SIGTERM");
  for (const end = Date.now() + PATIENCE; names.some(isAlive) && Date.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 50));
  signal(names, "SIGKILL");
  while (names.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function signal(names: string[], name: NodeJS.Signals): void {
  for (const each of names.filter(isAlive))
    unless(["ESRCH"], () => process.kill(Number.parseInt(each, 10), name));
}

/** The one boxes get by default, and what a command that was killed began to make beside it. */
function rootFileSystems(): string[] {
  return entries(store)
    .filter((name) => name === basename(defaultRootfs) || name.startsWith(`${basename(defaultRootfs)}.new-`))
    .map((name) => join(store, name));
}

function removeRoot(path: string): void {
  refuseMounts(path);
  removeTree(path);
}

/** Those of the tests too. */
function downloads(): string[] {
  const cache = cacheDirectory();
  return [cache, `${cache}-tests`].filter((path) => existsSync(path));
}

function launchersGroups(): string[] {
  return hierarchies()
    .filter(({ version }) => version === 2)
    .map(({ root }) => `${root}/launchers`)
    .filter((path) => existsSync(path));
}

/** Our directories, once they are empty but for a lock. Somebody else's file keeps one alive. */
export const places: Kind = { list: ownPlaces, remove: () => ownPlaces().forEach(removePlace) };

const within = ["images", "layers", "named", "names", "running"];

function ownPlaces(): string[] {
  const known = [...within, "lock", basename(defaultRootfs)];
  const isOnlyOurs = (place: string) => entries(place).every((name) => known.includes(name));
  return [...new Set([store, runtime, machineRuntime])].filter(
    (place) => existsSync(place) && isOnlyOurs(place),
  );
}

function removePlace(place: string): void {
  rmSync(join(place, "lock"), { force: true });
  for (const path of [...within.map((name) => join(place, name)), place])
    unless(["ENOENT", "ENOTEMPTY"], () => rmdirSync(path));
}
// #endregion

const entries = (path: string): string[] => (existsSync(path) ? readdirSync(path).sort() : []);
