// What is mounted where, as this process sees it.
import { readFileSync } from "node:fs";

/** The mount points at `path` and below it, the newest first. */
export const mountsBelow = (path: string): string[] =>
  mountPoints()
    .filter((point) => `${point}/`.startsWith(`${path}/`))
    .reverse();

/** Field 5 of each line, where a space is written \040. proc_pid_mountinfo(5) */
function mountPoints(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trimEnd().split("\n");
  const unescaped = (_: string, octal: string) => String.fromCharCode(Number.parseInt(octal, 8));
  return lines.map((line) => String(line.split(" ")[4]).replace(/\\(\d{3})/g, unescaped));
}
