// What the kernel says about a process, read from outside: proc(5).

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

export interface Process {
  pid: number;
  argv: string[];
}

export interface Mount {
  /** Where it is mounted, as its own mount namespace sees it. */
  point: string;
  /** Which directory of its file system is mounted there. */
  root: string;
  /** The file system's device number: the same number is the same file system. */
  device: string;
  type: string;
  /** The mount's own options first, then the file system's. */
  options: string[];
}

/** The processes a mounted procfs lists, but for zombies and kernel threads (no command line), by pid. */
export const processes = (proc = "/proc"): Process[] =>
  readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), argv: words(`${proc}/${name}/cmdline`) }))
    .filter(({ argv }) => argv.length > 0);

/** A file of NUL-ended strings: cmdline, environ. Empty when the process has gone. */
const words = (file: string) => read(file).split("\0").slice(0, -1);

const read = (file: string) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/** The process that runs this command line, by whatever path its program was found. */
export const findCommand = ([program, ...words]: string[]) =>
  processes().find(
    ({ argv: [path, ...args] }) => basename(path!) === program && args.join("\0") === words.join("\0"),
  )?.pid;

export const isAlive = (pid: number) => words(`/proc/${pid}/cmdline`).length > 0;

export const children = (pid: number) =>
  read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);

export type Namespace = "cgroup" | "ipc" | "mnt" | "net" | "pid" | "user" | "uts";

/** Such as `uts:[4026531838]`: equal means the same namespace. namespaces(7) */
export const namespace = (pid: number, name: Namespace) => readlinkSync(`/proc/${pid}/ns/${name}`);

/** One line of /proc/PID/status, such as `status(pid, "SigIgn")`. */
export const status = (pid: number, field: string) => fieldOf(read(`/proc/${pid}/status`), field);

/** One line of a status file already read, without its name. */
export const fieldOf = (text: string, field: string) =>
  new RegExp(`^${field}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "";

/** Open descriptors and what they point to. */
export const descriptors = (pid: number): Record<string, string> => {
  const folder = `/proc/${pid}/fd`;
  return Object.fromEntries(readdirSync(folder).map((fd) => [fd, readlinkSync(`${folder}/${fd}`)]));
};

const O_NONBLOCK = 0o4000;

export const nonBlocking = (pid: number, fd: number) =>
  (Number.parseInt(fieldOf(read(`/proc/${pid}/fdinfo/${fd}`), "flags"), 8) & O_NONBLOCK) !== 0;

/** The mount table of a process, in the order of /proc/PID/mountinfo. */
export const mounts = (pid: number) => parseMounts(read(`/proc/${pid}/mountinfo`));

// 36 35 98:0 /dir /mnt rw,noatime shared:1 - ext3 /dev/root rw,errors=continue
export const parseMounts = (mountinfo: string): Mount[] =>
  mountinfo
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [own, rest] = line.split(" - ");
      const [, , device, root, point, options] = own!.split(" ");
      const [type, , more] = rest!.split(" ");
      return {
        point: unescapeOctal(point!),
        root: unescapeOctal(root!),
        device: device!,
        type: type!,
        options: [...options!.split(","), ...more!.split(",")],
      };
    });

const unescapeOctal = (path: string) =>
  path.replace(/\\(\d{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
