// Step 5: what the options become in the files of the box's group, whichever version of cgroups has them.
import { cpus } from "node:os";
import { groupFile, needsController } from "./cgroups.ts";
import { check, lives } from "./check.ts";
import { status } from "./proc.ts";

const M = 1024 ** 2;
const LAST = String(cpus().length - 1);

/** A file of version 2 with what it must say, then one of version 1. */
type Files = [v2: string, says: string, v1: string, says: string];

const becomes = (options: string[], [v2, one, v1, other]: Files, unless?: () => string | undefined) =>
  check({
    since: 5,
    title: `${options.join(" ")}: ${v2} says ${one} (version 1: ${v1}, ${other})`,
    run: lives(),
    options,
    unless: unless ?? needsController(v2.split(".")[0]!),
    during: ({ box }) => [groupFile(box, v2), groupFile(box, v1)],
    holds: ({ during }) => during[0] === one || during[1] === other,
    hint: ({ during: [two, one] }) =>
      two === undefined && one === undefined
        ? `The box's group has neither ${v2} nor ${v1}: is the controller handed down to it (cgroup.subtree_control), or is it in another tree?`
        : `In the box's group ${two === undefined ? `${v1} says ${one}` : `${v2} says ${two}`}. Is the file of the group the box is in, and is it written before the box runs?`,
  });

const noSwap = () =>
  groupFile(process.pid, "memory.memsw.limit_in_bytes", "memory.swap.max") === undefined &&
  needsController("memory")() === undefined
    ? undefined
    : needsController("memory")();

export const checks = [
  becomes(["--memory", "64m"], ["memory.max", `${64 * M}`, "memory.limit_in_bytes", `${64 * M}`]),
  becomes(["--memory", "65536K"], ["memory.max", `${64 * M}`, "memory.limit_in_bytes", `${64 * M}`]),
  becomes(
    ["--memory", "64m", "--memory-reservation", "32m"],
    ["memory.low", `${32 * M}`, "memory.soft_limit_in_bytes", `${32 * M}`],
  ),
  becomes(
    ["--memory", "64m", "--memory-swap", "80m"],
    ["memory.swap.max", `${16 * M}`, "memory.memsw.limit_in_bytes", `${80 * M}`],
    noSwap,
  ),
  becomes(["--cpus", "0.5"], ["cpu.max", "50000 100000", "cpu.cfs_quota_us", "50000"]),
  becomes(["--cpu-shares", "2"], ["cpu.weight", "1", "cpu.shares", "2"]),
  becomes(["--cpu-shares", "262144"], ["cpu.weight", "10000", "cpu.shares", "262144"]),
  becomes(["--cpuset-cpus", LAST], ["cpuset.cpus", LAST, "cpuset.cpus", LAST]),
  becomes(["--pids-limit", "20"], ["pids.max", "20", "pids.max", "20"]),

  check({
    since: 5,
    title: "--cpuset-cpus: the command may run there and nowhere else",
    run: lives(),
    options: ["--cpuset-cpus", LAST],
    unless: needsController("cpuset"),
    during: ({ box }) => status(box, "Cpus_allowed_list"),
    holds: ({ during }) => during === LAST,
    hint: ({ during }) =>
      `Asked for CPU ${LAST}; /proc/PID/status of the command allows ${during}. A process moves to the CPUs of its group when it joins: cpuset(7).`,
  }),
];
