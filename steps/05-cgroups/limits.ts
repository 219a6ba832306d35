// A second module, because a group alone limits nothing: this is what is written to its files, and who asks for it.
import { cpus as online } from "node:os";
import { type Cgroup, find, put, whyMissing } from "../../lib/cgroups.ts";
import { flag, kebab, list, type Values, value } from "../../lib/cli.ts";
import { deviceNodes, filterDevices, type Rate, rate, request, schedulers } from "../../lib/devices.ts";
import { lxcfsFiles } from "../../lib/lxcfs.ts";
import { UsageError } from "../../lib/report.ts";
import { cpus, decimal, size, whole } from "../../lib/values.ts";
import { type DeviceRule, deviceProgram, type Recipe } from "../../native/index.ts";
import { type Volume, volumes } from "../04-mnt-chroot/rootfs.ts";

// As in docker. A child that runs out before its exec, while it shares our memory, would be killed and we with it.
const LEAST_MEMORY = 6 * 1024 ** 2;
const total = (given: string, name: string) => (given === "-1" ? -1 : size(LEAST_MEMORY)(given, name));
const iops = whole(1, 2 ** 32 - 1);

export const limitOptions = {
  memory: value("BYTES", "memory (64m); in a box that needs more, the kernel kills", size(LEAST_MEMORY)),
  memoryReservation: value("BYTES", "memory that is left to the box when the host runs short", size()),
  memorySwap: value("BYTES", "memory and swap together, -1 for any amount (default: no swap)", total),
  cpus: value("NUMBER", "CPU time a second, in CPUs (0.5)", decimal(0.01, online().length)),
  cpuShares: value("WEIGHT", "part of the CPU time when others want it too (others: 1024)", whole(2, 262144)),
  cpusetCpus: value("LIST", "the CPUs to run on (0-2,4)", cpus),
  pidsLimit: value("NUMBER", "processes and threads at a time", whole(1, 4194304)), // PID_MAX_LIMIT
  deviceReadBps: list("DISK:BYTES", "bytes read from a disk a second (/dev/sda:1m)", rate(size())),
  deviceWriteBps: list("DISK:BYTES", "bytes written to a disk a second", rate(size())),
  deviceReadIops: list("DISK:NUMBER", "reads from a disk a second", rate(iops)),
  deviceWriteIops: list("DISK:NUMBER", "writes to a disk a second", rate(iops)),
  blkioWeight: value("WEIGHT", "part of a disk's time when others want it (others: 100)", whole(10, 1000)),
  device: list("HOST[:BOX][:rwm]", "a device of the host's; to read, write, make a node for", request),
  lxcfs: flag("have lxcfs fill in /proc/meminfo, /proc/uptime and their like for the box"),
  stats: flag("tell on standard error, at the end, what was used"),
};
type Limits = Values<typeof limitOptions>;

// #region table
type Each<T> = NonNullable<T> extends (infer E)[] ? E : NonNullable<T>;
/** A file, and how it wants the value written. */
type Files<K extends keyof Limits> = Record<string, (value: Each<Limits[K]>, all: Limits) => string>;
type Table = { [K in Exclude<keyof Limits, "device" | "lxcfs" | "stats">]: [v2: Files<K>, v1: Files<K>] };

export const table: Table = {
  memory: [{ "memory.max": String }, { "memory.limit_in_bytes": String }],
  memoryReservation: [{ "memory.low": String }, { "memory.soft_limit_in_bytes": String }],
  memorySwap: [{ "memory.swap.max": swapAlone }, { "memory.memsw.limit_in_bytes": String }],
  cpus: [{ "cpu.max": quota }, { "cpu.cfs_quota_us": quota }],
  cpuShares: [{ "cpu.weight": weight }, { "cpu.shares": String }],
  cpusetCpus: [{ "cpuset.cpus": String }, { "cpuset.cpus": String }],
  pidsLimit: [{ "pids.max": String }, { "pids.max": String }],
  deviceReadBps: [{ "io.max": max("rbps") }, { "blkio.throttle.read_bps_device": throttle }],
  deviceWriteBps: [{ "io.max": max("wbps") }, { "blkio.throttle.write_bps_device": throttle }],
  deviceReadIops: [{ "io.max": max("riops") }, { "blkio.throttle.read_iops_device": throttle }],
  deviceWriteIops: [{ "io.max": max("wiops") }, { "blkio.throttle.write_iops_device": throttle }],
  blkioWeight: [{ "io.bfq.weight": String }, { "blkio.bfq.weight": String }],
};

/** Version 1 counts memory and swap together, as the option does; version 2 counts swap alone. */
function swapAlone(total: number, { memory }: Limits): string {
  return total === -1 ? "max" : String(total - memory!);
}
/** Microseconds in each period of 100 ms, over all CPUs: cpu.max and cpu.cfs_period_us start out with that period. */
function quota(cpus: number): string {
  return String(Math.round(cpus * 100_000));
}
/** 2, 1024 and 262144 shares become 1, 100 and 10000: least, usual and most of either version, as in runc since 1.3.2. */
function weight(shares: number): string {
  const power = Math.log2(shares);
  return String(Math.ceil(10 ** ((power * power + 125 * power) / 612 - 7 / 34)));
}
function max(key: string): (value: Rate) => string {
  return ({ device, rate }) => `${device} ${key}=${rate}`;
}
function throttle({ device, rate }: Rate): string {
  return `${device} ${rate}`;
}
// #endregion

// #region limit
/** Writes the limits that were asked for, and denies devices. @throws {UsageError} for what this kernel cannot limit */
export function limit(cgroup: Cgroup, options: Limits): void {
  checkMemory(options);
  checkWeight(options);
  const wanted = { ...options, memorySwap: options.memorySwap ?? noSwap(cgroup, options) };
  for (const [option, [v2, v1]] of Object.entries(table) as [keyof Table, Table["memory"]][]) {
    const values = [wanted[option] ?? []].flat() as number[];
    if (values.length === 0) continue;
    const files = Object.entries({ ...v2, ...v1 });
    const [name, text] = files.find(([name]) => find(cgroup, name)) ?? missing(option, Object.keys(v1)[0]!);
    for (const value of values) put(find(cgroup, name)!, text(value, options));
  }
  limitDevices(cgroup, options);
}

/** A file's name begins with its controller's. */
function missing(option: string, file: string): never {
  const controller = file.split(".")[0]!;
  throw new UsageError(
    `--${kebab(option)} takes the cgroup controller ${controller}: ${whyMissing(controller)}`,
  );
}
// #endregion

// #region sense
function checkMemory({ memory, memoryReservation = 0, memorySwap = -1 }: Limits): void {
  if (memorySwap !== -1 && memorySwap < (memory ?? Number.POSITIVE_INFINITY))
    throw new UsageError("--memory-swap is memory and swap together: it takes --memory, and no less");
  if (memoryReservation > (memory ?? memoryReservation))
    throw new UsageError("--memory-reservation cannot be more than --memory");
}

/** Whatever the file says, only the scheduler bfq heeds it. */
function checkWeight({ blkioWeight }: Limits): void {
  if (blkioWeight !== undefined && !schedulers().includes("bfq"))
    throw new UsageError(
      "--blkio-weight takes a disk with the scheduler bfq: /sys/block/DISK/queue/scheduler",
    );
}

/** Without swap, 64m means 64m. A kernel that does not count swap is not asked to. */
const noSwap = (cgroup: Cgroup, { memory }: Limits): number | undefined =>
  find(cgroup, "memory.swap.max") || find(cgroup, "memory.memsw.limit_in_bytes") ? memory : undefined;
// #endregion

// #region filter
const harmless: DeviceRule[] = [
  // Making a node does no harm: opening it asks again.
  { type: "c", major: "*", minor: "*", access: "m" },
  { type: "b", major: "*", minor: "*", access: "m" },
  // null, zero, full, random, urandom; tty, ptmx, and the box's own terminals.
  ...[3, 5, 7, 8, 9].map((minor): DeviceRule => ({ type: "c", major: 1, minor, access: "rw" })),
  ...[0, 2].map((minor): DeviceRule => ({ type: "c", major: 5, minor, access: "rw" })),
  { type: "c", major: 136, minor: "*", access: "rw" },
];

/** Denies every device but the harmless ones and those asked for: a list in version 1, a program in version 2. */
function limitDevices(cgroup: Cgroup, { device }: Limits): void {
  const rules = [...harmless, ...device];
  const [deny, allow] = [find(cgroup, "devices.deny"), find(cgroup, "devices.allow")];
  if (deny && allow) {
    put(deny, "a");
    for (const { type, major, minor, access } of rules) put(allow, `${type} ${major}:${minor} ${access}`);
  } else filterDevices(cgroup, deviceProgram(rules));
}
// #endregion

/** Recipes for what of the host's is let in: `take` volumes and lxcfs's files, `hang` them and make the devices. */
export function letIn(options: Limits & { volume: Volume[] }): { take: Recipe; hang: Recipe } {
  const { take, hang } = volumes([...options.volume, ...(options.lxcfs ? lxcfsFiles() : [])]);
  return { take, hang: [...deviceNodes(options), ...hang] };
}
