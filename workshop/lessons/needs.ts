// What a lesson or a transcript of it takes, and whether it is here: looked at, not guessed from versions.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hierarchies } from "../../lib/cgroups.ts";
import { store } from "../../lib/paths.ts";

const known: Record<string, { here: () => boolean; lack: string }> = {
  root: { here: () => process.geteuid?.() === 0, lack: "you are not root" },
  rootfs: { here: () => existsSync(rootfs()), lack: "no root file system: npm run rootfs makes it" },
  cgroup1: { here: () => memoryIn(1), lack: "no cgroup version 1 with a memory controller" },
  cgroup2: { here: () => memoryIn(2), lack: "no cgroup version 2 with a memory controller" },
  overlay: { here: () => isFileSystem("overlay"), lack: "the kernel has no overlay" },
  btrfs: { here: () => isFileSystem("btrfs") && isProgram("mkfs.btrfs"), lack: "no btrfs, or no mkfs.btrfs" },
  userns: { here: () => unsharesAsNobody(), lack: "user namespaces are for root alone here" },
};

/** What of `needs` is not here, in words; undefined if all is. Any other word is the name of a program. */
export const whatLacks = (needs: string[]): string | undefined =>
  needs
    .flatMap((need) => {
      const { here, lack } = known[need] ?? { here: () => isProgram(need), lack: `no ${need} in PATH` };
      return here() ? [] : [lack];
    })
    .at(0);

const rootfs = () => join(process.env.BOX_STORE ?? store, "rootfs"); // the stage has a store of its own

const memoryIn = (version: 1 | 2): boolean =>
  hierarchies().some(
    (tree) =>
      tree.version === version &&
      (version === 1
        ? tree.controllers.split(",").includes("memory")
        : readFileSync(`${tree.root}/cgroup.controllers`, "utf8").split(/\s+/).includes("memory")),
  );

/** Built in, or a module that can be loaded. */
const isFileSystem = (name: string): boolean => {
  const listed = () => new RegExp(`\\b${name}$`, "m").test(readFileSync("/proc/filesystems", "utf8"));
  return listed() || (spawnSync("modprobe", [name]).status === 0 && listed());
};

/** Kernels, and AppArmor on Ubuntu, may refuse it to others than root: then there is no root's power inside either. */
const unsharesAsNobody = (): boolean =>
  spawnSync("setpriv", [
    ...["--reuid=65534", "--regid=65534", "--clear-groups"],
    ...["unshare", "--user", "--map-root-user", "--uts", "hostname", "box"],
  ]).status === 0;

const isProgram = (name: string): boolean =>
  spawnSync("sh", ["-c", 'command -v "$1"', "sh", name]).status === 0;
