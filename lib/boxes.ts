// What a box is called on the host. Whoever finds a cgroup, a rule or a directory of this name can tell whether
// its launcher still lives, and sweep it up if not.
import { readFileSync } from "node:fs";

/** This launcher's own: its pid and when it started, since pids come round again. `4711-88215` */
export const boxName = (): string => `${process.pid}-${startTime(process.pid)}`;

/** Whether the launcher that took this name still runs. */
export function isAlive(name: string): boolean {
  const [pid, started] = name.split("-");
  return started !== undefined && startTime(Number(pid)) === started;
}

/** In clock ticks since boot, field 22 of proc_pid_stat(5); undefined for no process or a zombie. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
