// Files and descriptors, as data.
import { constants as fs } from "node:fs";
import { type Call, call, type Descriptor, descriptor, flagNames, hex, octal, quote } from "./call.ts";
import { AT_FDCWD, AT_REMOVEDIR, S_IFCHR, S_IFREG } from "./constants.ts";

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
const ALL_SEALS = { F_SEAL_SEAL: 1, F_SEAL_SHRINK: 2, F_SEAL_GROW: 4, F_SEAL_WRITE: 8 };

const O_CLOEXEC = 0o2000000;
const { O_DIRECTORY, O_NOFOLLOW } = fs;

const accessMode = (flags: number): string => ["O_RDONLY", "O_WRONLY", "O_RDWR"][flags & 3]!;

/** chdir(2) */
export const chdir = (path: string): Call => call("chdir", [path], [quote(path)], path);

/** open(2), made as openat: a descriptor that exec closes. */
export const open = (path: string, flags: number): Call => {
  const names = flagNames((flags & ~3) | O_CLOEXEC, { O_NOFOLLOW, O_CLOEXEC, O_DIRECTORY });
  return call(
    "openat",
    [AT_FDCWD, path, flags | O_CLOEXEC],
    ["AT_FDCWD", quote(path), `${accessMode(flags)}|${names}`],
    path,
  );
};

/** close(2) */
export const close = (fd: Descriptor): Call => call("close", [fd], [descriptor(fd)]);

/** mkdir(2), made as mkdirat: arm64 has no other. `mode` is cut down by the umask. */
export const mkdir = (path: string, mode: number): Call =>
  call("mkdirat", [AT_FDCWD, path, mode], ["AT_FDCWD", quote(path), octal(mode)], path);

/** rmdir(2), made as unlinkat. */
export const rmdir = (path: string): Call =>
  call("unlinkat", [AT_FDCWD, path, AT_REMOVEDIR], ["AT_FDCWD", quote(path), "AT_REMOVEDIR"], path);

/** mknod(2): a character or block device, `major` and `minor` naming its driver and which of its devices. */
export const mknod = (path: string, mode: number, major: number, minor: number, type = S_IFCHR): Call =>
  call(
    "mknodat",
    [AT_FDCWD, path, type | mode, (major << 8) | (minor & 0xff) | ((minor & ~0xff) << 12)],
    [
      "AT_FDCWD",
      quote(path),
      `${type === S_IFCHR ? "S_IFCHR" : "S_IFBLK"}|${octal(mode)}`,
      `makedev(${hex(major)}, ${hex(minor)})`,
    ],
    path,
  );

/** mknod(2) again: an empty regular file. */
export const touch = (path: string, mode: number): Call =>
  call(
    "mknodat",
    [AT_FDCWD, path, S_IFREG | mode, 0],
    ["AT_FDCWD", quote(path), `S_IFREG|${octal(mode)}`],
    path,
  );

/** symlink(2): `path` will lead to `target`. */
export const symlink = (target: string, path: string): Call =>
  call("symlinkat", [target, AT_FDCWD, path], [quote(target), "AT_FDCWD", quote(path)], target, path);

/** umask(2): the mode bits that new files do not get. */
export const umask = (mask: number): Call => call("umask", [mask], [octal(mask)]);

/** memfd_create(2): a file in memory, without a path, closed by exec. */
export const memfdCreate = (name: string): Call =>
  call(
    "memfd_create",
    [name, MFD_CLOEXEC | MFD_ALLOW_SEALING],
    [quote(name), "MFD_CLOEXEC|MFD_ALLOW_SEALING"],
    name,
  );

/** write(2) */
export const write = (fd: Descriptor, bytes: Uint8Array): Call =>
  call(
    "write",
    [fd, bytes, bytes.length],
    [descriptor(fd), bytes.length > 32 ? "…" : quote(Buffer.from(bytes).toString()), String(bytes.length)],
  );

/** fcntl(2), F_ADD_SEALS: nobody changes this memfd any more. */
export const seal = (memfd: Descriptor): Call => {
  const seals = Object.values(ALL_SEALS).reduce((all, one) => all | one);
  return call(
    "fcntl",
    [memfd, F_ADD_SEALS, seals],
    [descriptor(memfd), "F_ADD_SEALS", flagNames(seals, ALL_SEALS)],
  );
};

/** fcntl(2), F_SETFD: whether exec closes `fd`. */
export const closeOnExec = (fd: number, closes: boolean): Call =>
  call("fcntl", [fd, 2, Number(closes)], [String(fd), "F_SETFD", closes ? "FD_CLOEXEC" : "0"]);

/** fcntl(2), F_SETFL: the status flags (O_APPEND, O_NONBLOCK …) of `fd`. */
export const setStatusFlags = (fd: number, flags: number): Call => {
  const rest = flagNames(flags & ~3, {
    O_APPEND: fs.O_APPEND,
    O_NONBLOCK: fs.O_NONBLOCK,
    O_LARGEFILE: 0o100000,
  });
  const access = accessMode(flags);
  return call("fcntl", [fd, 4, flags], [String(fd), "F_SETFL", rest === "0" ? access : `${access}|${rest}`]);
};

/** flock(2), LOCK_EX: nobody else gets the file's lock until `fd` is closed, also by our death. `wait`: or EAGAIN. */
export const flock = (fd: number, wait: boolean): Call =>
  call("flock", [fd, wait ? 2 : 6], [String(fd), wait ? "LOCK_EX" : "LOCK_EX|LOCK_NB"]);

/** lgetxattr(2): the length of the extended attribute `name`; ENODATA where there is none. A path is bytes. */
export const lgetxattr = (path: Buffer, name: string): Call =>
  call("lgetxattr", [path, name], [quote(path.toString()), quote(name), "NULL", "0"], path.toString());

/** lsetxattr(2): gives `path` the extended attribute `name`: xattr(7). */
export const lsetxattr = (path: Buffer, name: string, value: string): Call =>
  call(
    "lsetxattr",
    [path, name, Buffer.from(value), Buffer.byteLength(value)],
    [quote(path.toString()), quote(name), quote(value), String(Buffer.byteLength(value)), "0"],
    path.toString(),
  );

/** dup2(2) as dup3: `to` becomes another number for what `from` is; exec closes it. */
export const dup3 = (from: number, to: number): Call =>
  call("dup3", [from, to, 0o2000000], [String(from), String(to), "O_CLOEXEC"]);

/** close_range(2): closes `first` and all above. */
export const closeFrom = (first: number): Call =>
  call("close_range", [first, 0xffffffff, 0], [String(first), "4294967295", "0"]);

/** tcsetpgrp(3), which is ioctl(2) TIOCSPGRP: the process group that may read the terminal and gets its Ctrl-C. */
export const tcsetpgrp = (fd: number, group: number): Call =>
  call(
    "ioctl",
    [fd, 0x5410, new Uint8Array(new Int32Array([group]).buffer)],
    [String(fd), "TIOCSPGRP", `[${group}]`],
  );
