// How a step ends, whatever goes wrong at the end.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Ends with `end` after it has arranged for two things to be done then, of which the first fails. */
function ending(end: string) {
  const script = `
    import { atExit, reportAndExit, UsageError } from "${join(import.meta.dirname, "../lib/report.ts")}";
    process.on("uncaughtException", reportAndExit);
    atExit(() => { throw new UsageError("cannot clear away"); });
    atExit(() => console.log("done all the same"));
    ${end}`;
  const node = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", script];
  const { status, stdout, stderr } = spawnSync(process.execPath, node, { encoding: "utf8" });
  return { status, stdout, stderr };
}

test.each([
  ["the command's end", "process.exitCode = 3;", "box: cannot clear away\n"],
  ["a signal", "process.exit(130);", "box: cannot clear away\n"],
  ["a failure, which is told once", 'throw new UsageError("no such disk");', "box: no such disk\n"],
])(
  "what cannot be cleared away after %s is one line and 125, and the rest is cleared away",
  (_, end, says) => {
    expect(ending(end)).toEqual({ status: 125, stdout: "done all the same\n", stderr: says });
  },
);
