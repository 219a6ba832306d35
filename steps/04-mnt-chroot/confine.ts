// A third module, because walls are no use to one who can take them down: what root in the box must not reach, and what
// it must not be able to do.
import { readFileSync } from "node:fs";
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
  mount,
  type Recipe,
  refuseIoctls,
  tolerate,
} from "../../native/index.ts";

const HARMLESS = MS_NOSUID | MS_NODEV | MS_NOEXEC;

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

// #region terminal
const TIOCSTI = 0x5412; // pretends that a key was pressed: ioctl_tty(2)
const TIOCLINUX = 0x541c; // pastes, on a console: ioctl_console(2)

/** Recipe: the terminal is the caller's, and a key "pressed" in the box would be read by the shell outside. */
const keepOffTerminal = (): Recipe => [refuseIoctls([TIOCSTI, TIOCLINUX])];
// #endregion

/** Recipe: takes from root in the box what would let it out. Last, since the recipe itself needs it. */
export const confine = ({ privileged }: { privileged: boolean }): Recipe =>
  privileged ? [] : [...mask(), ...keepOffTerminal(), ...dropCapabilities()];
