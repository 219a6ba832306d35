// What a box has used, as its cgroup counted it.
import { existsSync, readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import type { Cgroup } from "./cgroups.ts";
import { formatSize } from "./values.ts";

/** Where the kernel keeps each number: in the first file that has it. What a file has several times is added up. */
const counters = {
  cpu: { "cpu.stat": /^usage_usec (\d+)/, "cpuacct.usage": /(\d+)\d{3}/ }, // µs; ns without the last three digits
  periods: { "cpu.stat": /^nr_periods (\d+)/ },
  throttled: { "cpu.stat": /^nr_throttled (\d+)/ },
  memory: { "memory.current": /(\d+)/, "memory.usage_in_bytes": /(\d+)/ },
  memoryPeak: { "memory.peak": /(\d+)/, "memory.max_usage_in_bytes": /(\d+)/ },
  killed: { "memory.events": /^oom_kill (\d+)/, "memory.oom_control": /^oom_kill (\d+)/ },
  bytesRead: { "io.stat": /rbytes=(\d+)/, "blkio.throttle.io_service_bytes_recursive": /Read (\d+)/ },
  bytesWritten: { "io.stat": /wbytes=(\d+)/, "blkio.throttle.io_service_bytes_recursive": /Write (\d+)/ },
  pidsPeak: { "pids.peak": /(\d+)/ },
};
type Counter = keyof typeof counters;

function used(cgroup: Cgroup, counter: Counter): number | undefined {
  for (const [file, number] of Object.entries(counters[counter]))
    for (const { directory } of cgroup) {
      const found = [...readIfThere(`${directory}/${file}`).matchAll(new RegExp(number, "gm"))];
      if (found.length) return found.reduce((sum, [, digits]) => sum + Number(digits), 0);
    }
  return undefined;
}

type Options = { memory?: number | undefined; stats: boolean; lxcfs: boolean };

/** Tells on standard error of processes killed for want of memory and, with `--stats`, what was used. */
export function report(cgroup: Cgroup, options: Options): void {
  const killed = used(cgroup, "killed");
  const limit = options.memory === undefined ? "the host's" : `limit ${formatSize(options.memory)}`;
  if (killed)
    console.error(`box: out of memory: killed ${killed} ${killed === 1 ? "time" : "times"}, ${limit}`);
  if (options.stats) for (const line of statistics(cgroup, options)) console.error(`box: ${line}`);
}

function statistics(cgroup: Cgroup, { lxcfs }: Options): string[] {
  const count = (counter: Counter) => used(cgroup, counter) ?? 0;
  const bytes = (counter: Counter) => formatSize(count(counter));
  const hosts = formatSize(totalmem());
  return [
    `cpu     ${(count("cpu") / 1e6).toFixed(2)} s, throttled in ${count("throttled")} of ${count("periods")} periods`,
    `memory  ${bytes("memory")} now, ${bytes("memoryPeak")} at most, killed for it: ${count("killed")}`,
    `disks   ${bytes("bytesRead")} read, ${bytes("bytesWritten")} written`,
    `pids    ${used(cgroup, "pidsPeak") ?? "unknown"} at most`, // since Linux 6.11, and where it was carried back
    // /proc/meminfo and /proc/cpuinfo know nothing of cgroups.
    ...(lxcfs
      ? []
      : [`free in the box told of the host's ${hosts}, /proc/cpuinfo of its ${cpus().length} CPUs`]),
  ];
}

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, "latin1") : "");
