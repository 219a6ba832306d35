// lxcfs(1): files of /proc that know of cgroups, from a file system that looks who is reading.
import { existsSync } from "node:fs";
import { UsageError } from "./report.ts";

const LXCFS = "/var/lib/lxcfs/proc";
const answered = ["cpuinfo", "diskstats", "loadavg", "meminfo", "stat", "swaps", "uptime"];

/** Those files, as volumes over the box's own. @throws {UsageError} if lxcfs does not run */
export function lxcfsFiles(): { source: string; target: string; readOnly: boolean }[] {
  if (!existsSync(LXCFS)) throw new UsageError("--lxcfs: it does not run here: apt install lxcfs");
  return answered
    .filter((name) => existsSync(`${LXCFS}/${name}`))
    .map((name) => ({ source: `${LXCFS}/${name}`, target: `/proc/${name}`, readOnly: true }));
}
