// Constants under the names of the man pages, values from the kernel's headers (the same on x86-64 and arm64).
// Each family is a table in the order of its bits, so that a trace can name them as strace does.

/** clone(2), and the kernel version each namespace came with: namespaces(7). */
export const cloneFlags = {
  CLONE_NEWTIME: 0x80, // 5.6
  CLONE_VM: 0x100,
  CLONE_PIDFD: 0x1000,
  CLONE_NEWNS: 0x20000, // 2.4.19
  CLONE_NEWCGROUP: 0x2000000, // 4.6
  CLONE_NEWUTS: 0x4000000, // 2.6.19
  CLONE_NEWIPC: 0x8000000, // 2.6.19
  CLONE_NEWUSER: 0x10000000, // 3.8
  CLONE_NEWPID: 0x20000000, // 2.6.24
  CLONE_NEWNET: 0x40000000, // 2.6.29
  CLONE_CLEAR_SIGHAND: 0x100000000,
  CLONE_INTO_CGROUP: 0x200000000,
} as const;
export const { CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC } = cloneFlags;
export const { CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET } = cloneFlags;

/** mount(2). */
export const mountFlags = {
  MS_RDONLY: 0x1,
  MS_NOSUID: 0x2,
  MS_NODEV: 0x4,
  MS_NOEXEC: 0x8,
  MS_REMOUNT: 0x20,
  MS_BIND: 0x1000,
  MS_MOVE: 0x2000,
  MS_REC: 0x4000,
  MS_PRIVATE: 0x40000,
  MS_SLAVE: 0x80000,
  MS_SHARED: 0x100000,
} as const;
export const { MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT } = mountFlags;
export const { MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE, MS_SLAVE, MS_SHARED } = mountFlags;

/** umount(2). */
export const umountFlags = { MNT_FORCE: 1, MNT_DETACH: 2, MNT_EXPIRE: 4, UMOUNT_NOFOLLOW: 8 } as const;
export const { MNT_DETACH } = umountFlags;

/** open_tree(2), and what the *at calls share: openat(2). */
export const treeFlags = {
  OPEN_TREE_CLONE: 0x1,
  OPEN_TREE_CLOEXEC: 0x80000,
  AT_EMPTY_PATH: 0x1000,
  AT_RECURSIVE: 0x8000,
} as const;
export const { OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_EMPTY_PATH, AT_RECURSIVE } = treeFlags;
export const AT_REMOVEDIR = 0x200;
export const AT_FDCWD = -100;

/** move_mount(2). */
export const moveMountFlags = { MOVE_MOUNT_F_EMPTY_PATH: 0x4 } as const;
export const { MOVE_MOUNT_F_EMPTY_PATH } = moveMountFlags;

/** mount_setattr(2). */
export const mountAttributes = { MOUNT_ATTR_RDONLY: 0x1 } as const;
export const { MOUNT_ATTR_RDONLY } = mountAttributes;

/** mknod(2): what the node is. */
export const S_IFCHR = 0o020000;
export const S_IFBLK = 0o060000;
export const S_IFREG = 0o100000;

/** capabilities(7), by number. */
export const capabilities = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_LINUX_IMMUTABLE",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_BROADCAST",
  "CAP_NET_ADMIN",
  "CAP_NET_RAW",
  "CAP_IPC_LOCK",
  "CAP_IPC_OWNER",
  "CAP_SYS_MODULE",
  "CAP_SYS_RAWIO",
  "CAP_SYS_CHROOT",
  "CAP_SYS_PTRACE",
  "CAP_SYS_PACCT",
  "CAP_SYS_ADMIN",
  "CAP_SYS_BOOT",
  "CAP_SYS_NICE",
  "CAP_SYS_RESOURCE",
  "CAP_SYS_TIME",
  "CAP_SYS_TTY_CONFIG",
  "CAP_MKNOD",
  "CAP_LEASE",
  "CAP_AUDIT_WRITE",
  "CAP_AUDIT_CONTROL",
  "CAP_SETFCAP",
  "CAP_MAC_OVERRIDE",
  "CAP_MAC_ADMIN",
  "CAP_SYSLOG",
  "CAP_WAKE_ALARM",
  "CAP_BLOCK_SUSPEND",
  "CAP_AUDIT_READ",
  "CAP_PERFMON",
  "CAP_BPF",
  "CAP_CHECKPOINT_RESTORE",
] as const;
export type Capability = (typeof capabilities)[number];
/** The bits of `set`, as capget(2) and /proc/PID/status number them. */
export const capabilityMask = (set: readonly Capability[]): bigint =>
  set.reduce((mask, capability) => mask | (1n << BigInt(capabilities.indexOf(capability))), 0n);
