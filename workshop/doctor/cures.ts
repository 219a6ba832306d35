// What to do about it. Matched by what went wrong, first match first.
import { isContained, isRoot } from "./machine.ts";

const elsewhere = "name a directory on a disk of this machine's own: BOX_STORE=DIR";

const cures: [because: RegExp, what: () => string][] = [
  [/run it with sudo|EACCES|EPERM|Operation not permitted|ENOSYS.*clone3/, rights],
  [/(EROFS|read-only).*\/(proc|sys)\//, rights],
  [/'\/proc\/|from 0\.01 to 0,/, () => "mount -t proc proc /proc"],
  [/addon/, () => "npm run build:native, which takes g++, make and python3"],
  [/no root file system/, () => "npm run rootfs (npm start does it); all else it takes is here"],
  [/is not in PATH.*package (\S+),/, () => "sudo apt-get install $1, or PATH=$PATH:/usr/sbin if it is there"],
  [/no cgroups are mounted/, () => "mount -t cgroup2 cgroup2 /sys/fs/cgroup"],
  [
    /controller memory: .*command line/,
    () => "add cgroup_enable=memory to the kernel's command line, and reboot",
  ],
  [/ENOSPC/, () => `free some space, or ${elsewhere}`],
  [/EROFS|on overlay, which/, () => elsewhere],
  [/ENODEV.*overlay/, () => "modprobe overlay"],
  [
    /Operation not supported|Unknown device type/,
    () => "modprobe bridge veth nf_tables nft_chain_nat nft_masq",
  ],
];

/** What to do about a step that does not work, from the words in which it says why. */
export function cure(because: string, step: string): string {
  for (const [pattern, what] of cures) {
    const found = pattern.exec(because);
    if (found) return what().replace("$1", found[1] ?? "");
  }
  return `see which call fails: npx tsx steps/${step}/main.ts run --trace true`;
}

function rights(): string {
  if (!isRoot) return "be root: sudo npm run doctor, and sudo for the step";
  return isContained()
    ? "start this container with more rights: docker run --privileged, or a VM (lessons/machines.md)"
    : "root lacks capabilities here: see above";
}
