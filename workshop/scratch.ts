// Directories for what is under way.
import { mkdtempSync, rmSync } from "node:fs";

const made: string[] = [];

/** A new directory whose path begins with `prefix`. It goes when this process ends, but for SIGKILL. */
export function scratchDirectory(prefix: string): string {
  const path = mkdtempSync(prefix);
  if (made.push(path) === 1)
    process.on("exit", () => {
      for (const each of made) rmSync(each, { recursive: true, force: true });
    });
  return path;
}
