// What the kernel tells of a process in one line: proc_pid_stat(5).
import { readFileSync } from "node:fs";

/** The fields of /proc/PID/stat by their numbers there, from 3 on: the second is the name, which may hold anything. */
export function processStat(pid: number): (field: number) => string {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (field) => fields[field - 3]!;
}
