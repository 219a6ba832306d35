// What a box is called on the host. Whoever finds a cgroup, a rule or a directory of this name can tell whether
// its launcher still lives, and sweep it up if not.
import { processStat } from "./stat.ts";

/** This launcher's own: its pid and when it started, since pids come round again. `4711-88215` */
export const boxName = (): string => `${process.pid}-${startTime(process.pid)}`;

/** Whether a launcher may have taken this name; others have theirs. */
export const isBoxName = (name: string): boolean => /^\d+-\d+$/.test(name);

/** Whether the launcher that took this name still runs. */
export function isAlive(name: string): boolean {
  const [pid, started] = name.split("-");
  return started !== undefined && startTime(Number(pid)) === started;
}

/** In clock ticks since boot; undefined for no process or a zombie. */
function startTime(pid: number): string | undefined {
  try {
    const stat = processStat(pid);
    return stat(3) === "Z" ? undefined : stat(22);
  } catch {
    return undefined;
  }
}
