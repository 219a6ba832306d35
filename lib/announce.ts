// A file that is replaced in one step, or not at all.
import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Writes `value` beside `file`; the function returned puts it in place. A full disk shows before. */
export function announce(file: string, value: object): () => void {
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`);
  } catch (error) {
    rmSync(`${file}.new`, { force: true });
    throw Object.assign(error as Error, { message: `${(error as Error).message} '${file}'` });
  }
  return () => renameSync(`${file}.new`, file);
}
