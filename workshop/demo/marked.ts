// Processes that came out of a demo are told by a variable in their environment, however far they have gone.
import { readdirSync, readFileSync } from "node:fs";
import { unless } from "../../lib/cgroups.ts";

const NAME = "LESSON_DEMO";
const PATIENCE = 3000; // ms: shells whose terminal closed end their children, and boxes clear away

const demo = process.env[NAME] ?? `${process.pid}`;

export const MARK = { [NAME]: demo };

/** Waits until what the shells of our demo started is gone, and kills what does not go. */
export async function endMarked(): Promise<void> {
  for (const end = Date.now() + PATIENCE; marked().length > 0 && Date.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 50));
  for (const pid of marked()) unless(["ESRCH"], () => process.kill(pid, "SIGKILL"));
}

/** All but ourselves, should we be one of them. */
const marked = (): number[] =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && environment(pid).includes(`${NAME}=${demo}\0`))
    .map(Number)
    .filter((pid) => pid !== process.pid);

function environment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return ""; // it has ended, or is somebody else's
  }
}
