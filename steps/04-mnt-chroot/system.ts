// A second module, because a root alone is not a system: what programs expect to find (/proc, /sys, /dev, /tmp),
// and what root in the box must not reach through it. Masks that root could unmount would be none: hence capset.
import { readFileSync } from "node:fs";
import { flag, list } from "../../lib/cli.ts";
import {
  type Capability,
  capabilities,
  capabilityMask,
  capset,
  dropFromBoundingSet,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  mkdir,
  mknod,
  mount,
  type Recipe,
  symlink,
  tolerate,
  umask,
} from "../../native/index.ts";

export const systemOptions = {
  env: list("NAME=VALUE", "sets a variable; NAME alone passes the host's on", (given) => given),
  privileged: flag("keep every capability, mask nothing: root in the box can do what root can"),
};

const HARMLESS = MS_NOSUID | MS_NODEV | MS_NOEXEC;

// #region system
/** Recipe: the file systems a program expects, on a root that may lack even their mount points. */
export const systemMounts = ({ privileged }: { privileged: boolean }): Recipe => [
  umask(0), // modes are meant as written
  ...["/proc", "/sys", "/dev", "/tmp"].map((path) => tolerate(["EEXIST"], mkdir(path, 0o755))),
  mount("proc", "/proc", "proc", HARMLESS),
  mount("sysfs", "/sys", "sysfs", HARMLESS | (privileged ? 0 : MS_RDONLY)),
  mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"),
  ...ownDev(),
  umask(process.umask()),
];
// #endregion

// #region dev
const devices: [name: string, major: number, minor: number][] = [
  ["null", 1, 3],
  ["zero", 1, 5],
  ["full", 1, 7],
  ["random", 1, 8],
  ["urandom", 1, 9],
  ["tty", 5, 0],
];

const links: [name: string, target: string][] = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
  ["ptmx", "pts/ptmx"],
];

/** Recipe: the devices that hold nothing of the host's, terminals, shared memory and message queues of its own. */
const ownDev = (): Recipe => [
  mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k"),
  ...devices.map(([name, major, minor]) => mknod(`/dev/${name}`, 0o666, major, minor)),
  ...links.map(([name, target]) => symlink(target, `/dev/${name}`)),
  ...["pts", "shm", "mqueue"].map((name) => mkdir(`/dev/${name}`, 0o755)),
  mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"),
  mount("shm", "/dev/shm", "tmpfs", HARMLESS, "mode=1777,size=64m"),
  mount("mqueue", "/dev/mqueue", "mqueue", HARMLESS),
];
// #endregion

// #region mask
// What other runtimes hide: it tells of the host, or lets the host be changed. Not every kernel has all of them.
const hiddenFiles = ["kcore", "keys", "latency_stats", "timer_list", "sched_debug", "interrupts"].map(
  (f) => `/proc/${f}`,
);
const hiddenDirectories = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const readOnly = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);

const ifThere = (recipe: Recipe): Recipe => recipe.map((call) => tolerate(["ENOENT"], call));

/** Recipe: covers what a program in the box has no business with. */
const mask = (): Recipe => [
  ...hiddenFiles.flatMap((path) => ifThere([mount("/dev/null", path, null, MS_BIND)])),
  ...hiddenDirectories.flatMap((path) => ifThere([mount("tmpfs", path, "tmpfs", MS_RDONLY | HARMLESS)])),
  ...readOnly.flatMap((path) =>
    ifThere([
      mount(path, path, null, MS_BIND | MS_REC),
      mount(null, path, null, MS_REMOUNT | MS_BIND | MS_RDONLY | HARMLESS),
    ]),
  ),
];
// #endregion

// #region capabilities
// docker's default without CAP_MKNOD: nothing yet stops a device node from being opened (step 5).
const kept: Capability[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SYS_CHROOT",
  "CAP_AUDIT_WRITE",
  "CAP_SETFCAP",
];

/** Recipe: root in the box is root over what is in the box. It cannot undo a mount, load a module, make a device. */
const dropCapabilities = (): Recipe => [
  // exec gives root every capability that is in the bounding set, so what is to go must go from there.
  ...capabilities
    .filter((capability) => !kept.includes(capability))
    .map((capability) => tolerate(["EINVAL"], dropFromBoundingSet(capability))), // older kernels have fewer
  // An inheritable capability would come back through exec.
  capset(kept.filter(isOurs)),
];

function isOurs(capability: Capability): boolean {
  const permitted = /CapPrm:\s*(\w+)/.exec(readFileSync("/proc/self/status", "latin1"))![1];
  return (BigInt(`0x${permitted}`) & capabilityMask([capability])) !== 0n;
}
// #endregion

/** Recipe: takes from root in the box what would let it out. Last, since the recipe itself needs it. */
export const confine = ({ privileged }: { privileged: boolean }): Recipe =>
  privileged ? [] : [...mask(), ...dropCapabilities()];

/** The box's environment: nothing of the host's but the terminal's type, and what `--env` asks for. */
export function environment(given: string[]): NodeJS.ProcessEnv {
  const asked = given.map((each): [string, string | undefined] => {
    const [name = "", ...value] = each.split("=");
    return [name, value.length ? value.join("=") : process.env[name]];
  });
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    TERM: process.env.TERM ?? "dumb",
    ...Object.fromEntries(asked),
  };
}
