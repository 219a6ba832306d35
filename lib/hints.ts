// What an error most likely means here, and what to do. Matched by system call and code, first match first.
import type { SystemError } from "../native/index.ts";

const hints: [syscall: RegExp, code: string, text: string][] = [
  [/^clone3$/, "EPERM", "new namespaces take root: run it with sudo"],
  [/^clone3$/, "ENOSPC", "too many namespaces here: see /proc/sys/user/max_*_namespaces"],
  [
    /^exec/,
    "ENOENT",
    "no such command in the box, or the loader it names in its first bytes is missing there",
  ],
  [/^exec/, "EACCES", "it is there, but not a file that may be executed"],
  [/^exec/, "ENOEXEC", "neither a program for this machine nor a script that starts with #!"],
  [
    /^exec/,
    "E2BIG",
    "one argument may have 128 KiB, all of them and the environment together a quarter of the stack limit",
  ],
  [/^pivot_root$/, "EINVAL", "the mount / is shared, or the new root is no mount point: lesson 4"],
  [/^mount$/, "EPERM", "mounting takes CAP_SYS_ADMIN in the user namespace that owns the mount namespace"],
  [/^(mount|move_mount)$/, "ENOENT", "the mount point, or what is to be mounted, does not exist"],
  [/^(mount|move_mount)$/, "ENOTDIR", "a directory can only be mounted on a directory, a file on a file"],
  [/^sethostname$/, "EINVAL", "a host name has at most 64 bytes"],
];

/** One sentence, or nothing where the message says it all. */
export const hint = (error: SystemError): string | undefined =>
  hints.find(([syscall, code]) => code === error.code && syscall.test(error.syscall ?? ""))?.[2];
