// What an error most likely means here, and what to do. Matched by system call and code, first match first.
import type { SystemError } from "../native/index.ts";

const hints: [syscall: RegExp, code: string, text: string][] = [
  [/^clone3$/, "EPERM", "new namespaces take root: run it with sudo"],
  [/^clone3$/, "ENOSPC", "too many namespaces here: see /proc/sys/user/max_*_namespaces"],
  [/^exec/, "EAGAIN", "the box has no process left for it: --pids-limit counts the process of --init too"],
  [/^exec/, "ENOENT", "no such command there, or the loader that its first bytes name is missing"],
  [/^exec/, "EACCES", "it is there, but not a file that may be executed"],
  [/^exec/, "ENOEXEC", "neither a program for this machine nor a script that starts with #!"],
  [
    /^exec/,
    "E2BIG",
    "one argument may have 128 KiB, all of them and the environment together a quarter of the stack limit",
  ],
  [
    /^pivot_root$/,
    "EINVAL",
    "/ is still a shared mount, or the new root is no mount point: pivotInto in step 4 cures both",
  ],
  [
    /^pivot_root$/,
    "EBUSY",
    "the new root is a directory of the old one, and no mount point: pivotInto in step 4 cures that",
  ],
  [/^mount$/, "EPERM", "mounting takes root with CAP_SYS_ADMIN: in a box, only with --privileged"],
  [/^mount$/, "ENODEV", "the kernel does not have this file system: modprobe may load it"],
  [/^(mount|move_mount)$/, "ENOENT", "the mount point, or what is to be mounted, does not exist"],
  [/^(mount|move_mount)$/, "ENOTDIR", "a directory can only be mounted on a directory, a file on a file"],
  [/^move_mount$/, "EINVAL", "a directory can only be mounted on a directory, a file on a file"],
  [/^openat$/, "ENOTDIR", "/proc, /sys, /dev and /tmp of a root file system must be directories, not links"],
  [/^(open|mkdir)(at)?$/, "EACCES", "that takes root: run it with sudo"],
  [
    /^(openat|mkdirat)$/,
    "EROFS",
    "it is mounted read-only here, as cgroups are in a container that is not privileged",
  ],
  [/^write$/, "EBUSY", "a cgroup with processes of its own can hand no controller down: cgroups(7)"],
  [/^write$/, "ENODEV", "a limit is for a whole disk, not for a partition"],
  [/^bpf$/, "EPERM", "loading a program into the kernel takes CAP_BPF, or CAP_SYS_ADMIN"],
  [/^bpf$/, "EINVAL", "the kernel was built without CONFIG_CGROUP_BPF: it cannot filter devices"],
  [/^(open|mkdir)$/, "EROFS", "it is mounted read-only; for the store, BOX_STORE=DIR names another place"],
];

/** One sentence, or nothing where the message says it all. */
export const hint = (error: SystemError): string | undefined =>
  hints.find(([syscall, code]) => code === error.code && syscall.test(error.syscall ?? ""))?.[2];
