// Devices of the host's: their numbers, and nodes for them in the box.
import { constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { normalize } from "node:path";
import {
  attachDeviceProgram,
  close,
  loadDeviceProgram,
  mkdir,
  mknod,
  open,
  perform,
  type Recipe,
  S_IFBLK,
  S_IFCHR,
  tolerate,
  umask,
} from "../native/index.ts";
import { type Cgroup, whyMissing } from "./cgroups.ts";
import { UsageError } from "./report.ts";
import { expected, type Reader } from "./values.ts";

export type Device = { type: "b" | "c"; major: number; minor: number; mode: number };

/** The device behind a node of the host's, or behind a symbolic link to one: makedev(3). */
export function device(given: string, name: string): Device {
  const found = statSync(given, { throwIfNoEntry: false });
  if (!found?.isBlockDevice() && !found?.isCharacterDevice())
    throw expected("a device of the host's", given, name);
  return {
    type: found.isBlockDevice() ? "b" : "c",
    major: (found.rdev >>> 8) & 0xfff,
    minor: (found.rdev & 0xff) | ((found.rdev >>> 12) & 0xfff00),
    mode: found.mode & 0o777,
  };
}

export type Rate = { device: string; rate: number };

/** `/dev/sda:1m`: a disk, by its numbers, and how much a second. */
export const rate =
  (amount: Reader<number>): Reader<Rate> =>
  (given, name) => {
    const colon = given.lastIndexOf(":");
    if (colon < 1) throw expected("a disk and a rate, as in /dev/sda:1m", given, name);
    const { type, major, minor } = device(given.slice(0, colon), name);
    if (type !== "b") throw expected("a disk", given, name);
    return { device: `${major}:${minor}`, rate: amount(given.slice(colon + 1), name) };
  };

/** A device for the box: the node there, and what may be done with it, of r(ead), w(rite) and m(ake a node for it). */
export type Request = Device & { path: string; access: string };

/** `/dev/sda`, `/dev/sda:/dev/disk`, `/dev/sda:r`, `/dev/sda:/dev/disk:r` */
export function request(given: string, name: string): Request {
  const [host = "", ...rest] = given.split(":");
  const access = /^[rwm]+$/.test(rest.at(-1) ?? "") ? rest.pop()! : "rwm";
  const path = normalize(rest.pop() ?? host);
  if (rest.length || !/^\/dev\/[^/]/.test(path))
    throw expected("HOST, HOST:BOX, HOST:rwm or HOST:BOX:rwm, BOX in /dev", given, name);
  return { ...device(host, name), path, access };
}

/** Recipe: the nodes in the box's /dev of the devices asked for. */
export const deviceNodes = ({ device }: { device: Request[] }): Recipe =>
  device.flatMap(({ path, type, mode, major, minor }) => [
    umask(0), // the mode is the host's
    ...parents(path).map((each) => tolerate(["EEXIST"], mkdir(each, 0o755))),
    mknod(path, mode, major, minor, type === "b" ? S_IFBLK : S_IFCHR),
    umask(process.umask()),
  ]);

/** `/dev/mapper/disk` → `/dev`, `/dev/mapper` */
const parents = (path: string): string[] =>
  path
    .split("/")
    .slice(1, -1)
    .map((_, i, names) => `/${names.slice(0, i + 1).join("/")}`);

/** The schedulers that disks here use. */
export const schedulers = (): string[] =>
  readdirSync("/sys/block")
    .map((disk) => `/sys/block/${disk}/queue/scheduler`)
    .filter((file) => existsSync(file))
    .map((file) => /\[(.*)\]/.exec(readFileSync(file, "latin1"))?.[1] ?? "none");

/** Has the kernel ask `program`, in version 2, before anyone in the group makes or opens a device. @throws {SystemError} */
export function filterDevices(cgroup: Cgroup, program: Uint8Array): void {
  const unified = cgroup.find(({ version }) => version === 2);
  if (!unified) throw new UsageError(`devices cannot be denied here: ${whyMissing("devices")}`);
  const filter = perform(loadDeviceProgram(program));
  const directory = perform(open(unified.directory, constants.O_DIRECTORY));
  perform(attachDeviceProgram(directory, filter));
  for (const fd of [directory, filter]) perform(close(fd));
}
