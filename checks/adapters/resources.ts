// The part of config.json that is about limits: config-linux.md of the runtime specification.
import { statSync } from "node:fs";
import type { BoxOptions, Device } from "./options.ts";

const PERIOD = 100_000; // microseconds

export const resources = ({ limits, devices, privileged }: BoxOptions) => ({
  devices: [{ allow: privileged, access: "rwm" }, ...devices.map(rule)],
  memory: { limit: limits.memory, reservation: limits.memoryReservation, swap: limits.memorySwap },
  cpu: {
    shares: limits.cpuShares,
    cpus: limits.cpusetCpus,
    ...(limits.cpus && { quota: limits.cpus * PERIOD, period: PERIOD }),
  },
  ...(limits.pids && { pids: { limit: limits.pids } }),
  blockIO: {
    throttleWriteBpsDevice: limits.writeBps.map(({ disk, rate }) => ({ ...numbers(disk), rate })),
  },
});

const rule = ({ source, access }: Device) => ({ allow: true, access, ...kind(source), ...numbers(source) });

/** The nodes to make in the box's /dev. */
export const deviceNodes = ({ devices }: BoxOptions) =>
  devices.map(({ source, target }) => ({
    path: target,
    fileMode: statSync(source).mode & 0o777,
    ...kind(source),
    ...numbers(source),
  }));

const kind = (path: string) => ({ type: statSync(path).isBlockDevice() ? "b" : "c" });

const numbers = (path: string) => {
  const { rdev } = statSync(path);
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
};
