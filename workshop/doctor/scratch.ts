// Room for trials, on the disk where boxes write. It goes when we do.
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { machine, tmpdir } from "node:os";
import { join } from "node:path";
import { defaultRootfs, machineRuntime, store } from "../../lib/paths.ts";
import { host } from "../../lib/rootfs/host.ts";
import { exitWhenStopped } from "../../lib/stop.ts";
import { scratchDirectory } from "../scratch.ts";
import { existingParent, isRoot } from "./machine.ts";

/** Where to try, or why nothing can be written there; `root` is the root file system to try with. */
export type Scratch = { path: string; fault: string | undefined; root: string; borrowed: boolean };

const ENOUGH = 1024 ** 2; // bytes, to find a full disk

/** Makes room for trials, and a root file system if none is there to try with. */
export async function makeScratch(): Promise<Scratch> {
  const { path, fault } = placeToWrite();
  const borrowed = existingParent(defaultRootfs) === defaultRootfs;
  return { path, fault, borrowed, root: borrowed ? defaultRootfs : await makeRoot(path) };
}

function placeToWrite(): { path: string; fault: string | undefined } {
  try {
    const path = temporary(existingParent(store));
    writeFileSync(join(path, "full"), Buffer.alloc(ENOUGH));
    return { path, fault: undefined };
  } catch (error) {
    return { path: temporary(tmpdir()), fault: (error as Error).message };
  }
}

/** Hidden, for it may lie beside files of the user's. */
const temporary = (place: string): string => scratchDirectory(join(place, ".doctor-"));

/** Of this machine's programs, where there is none yet. Whoever is not root never comes to enter one. */
async function makeRoot(scratch: string): Promise<string> {
  if (!isRoot) return "/";
  const root = join(scratch, "root");
  mkdirSync(root);
  await host(root, { arch: machine() });
  return root;
}

// Where step 6 keeps the network's settings, whatever BOX_RUNTIME says: what is in it goes with the box.
if (!existsSync(machineRuntime))
  process.on("exit", () => {
    try {
      rmdirSync(machineRuntime);
    } catch {} // never made, or others use it by now
  });

exitWhenStopped();
