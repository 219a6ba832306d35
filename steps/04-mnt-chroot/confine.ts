// A third module, because walls are no use to one who can take them down: what root in the box must not reach, and what
// it must not be able to do.
import { fstatSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { UsageError } from "../../lib/report.ts";
import {
  type Capability,
  CLONE_NEWUSER,
  capabilities,
  capabilityMask,
  capset,
  dropFromBoundingSet,
  MS_BIND,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  mount,
  type Recipe,
  refuse,
  tolerate,
} from "../../native/index.ts";
import { HARMLESS } from "./system.ts";

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

// #region filter
const TIOCSTI = 0x5412; // pretends that a key was pressed: ioctl_tty(2)
const TIOCLINUX = 0x541c; // pastes, on a console: ioctl_console(2)
const { EPERM, ENOSYS } = constants.errno;

/** Recipe: refuses calls for which the kernel asks no capability, and which yet lead out. */
const filterCalls = (): Recipe => [
  refuse([
    // The terminal is the caller's: a key "pressed" in the box would be read by the shell outside.
    { name: "ioctl", argument: 1, values: [TIOCSTI, TIOCLINUX], errno: EPERM },
    // In a user namespace of its own, root has every capability again: it could mount its cgroups anew, to write.
    { name: "unshare", argument: 0, flags: CLONE_NEWUSER, errno: EPERM },
    { name: "clone", argument: 0, flags: CLONE_NEWUSER, errno: EPERM },
    // clone3 keeps its flags in memory, where no filter can look; without it, libc takes clone.
    { name: "clone3", errno: ENOSYS },
    // Keys belong to a user, and root in the box is the host's.
    ...(["add_key", "request_key", "keyctl"] as const).map((name) => ({ name, errno: EPERM })),
  ]),
];
// #endregion

/** Recipe: takes from root in the box what would let it out. Last, since the recipe itself needs it. */
export function confine({ privileged }: { privileged: boolean }): Recipe {
  refuseDirectories();
  return privileged ? [] : [...mask(), ...filterCalls(), ...dropCapabilities()];
}

/** `run sh < /`: whoever holds a directory of the host's can go up from it, and no wall is in between. */
function refuseDirectories(): void {
  for (const [fd, name] of ["standard input", "standard output", "standard error"].entries())
    if (fstatSync(fd).isDirectory())
      throw new UsageError(`${name} is a directory of the host's, a way out of the box: give a file`);
}
