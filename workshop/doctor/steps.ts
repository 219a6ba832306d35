// Whether a step works here: it is started, as a reader starts it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { defaultRootfs, repository } from "../../lib/paths.ts";
import { cure } from "./cures.ts";
import { isRoot, which } from "./machine.ts";
import type { Scratch } from "./scratch.ts";

export type Verdict = { step: string; works: boolean; because?: string; do?: string };

type Trial = { options?: string[]; command: string[]; prints?: string };

const trials: Record<string, Trial> = {
  "02-uts": { options: ["--hostname", "doctor"], command: ["uname", "-n"], prints: "doctor" },
  "03-pid": { command: ["sh", "-c", "echo $$"], prints: "1" },
  "05-cgroups": { options: ["--memory", "64m", "--cpus", "0.5", "--pids-limit", "20"], command: ["true"] },
  "06-net": { options: ["--publish", "18080:80"], command: ["true"] },
};

const FIRST_WITH_ROOT = 4;
const FIRST_WITH_NETWORK = 6;
const FIRST_WITH_STORE = 7;
const PATIENCE = 60_000; // ms

/** Starts a step once: whether it works here, or why not and what to do. */
export function tryStep(step: string, scratch: Scratch): Verdict {
  const number = Number.parseInt(step, 10);
  const says = (because: string): Verdict => ({ step, works: false, because, do: cure(because, step) });
  if (number >= FIRST_WITH_STORE && isRoot && scratch.fault) return says(`the store: ${scratch.fault}`);
  const fault = start(step, number, scratch);
  if (fault) return says(fault);
  if (number >= FIRST_WITH_ROOT && !scratch.borrowed) return says(`no root file system at ${defaultRootfs}`);
  return { step, works: true };
}

/** What went wrong, in one line, if anything. */
function start(step: string, number: number, { path, root }: Scratch): string | undefined {
  const { options = [], command, prints = "" } = trials[step] ?? { command: ["true"] };
  const [program, ...args] = [
    // What a box makes on the host's side, it makes there: a bridge, rules, settings.
    ...(number >= FIRST_WITH_NETWORK && isRoot && which("unshare") ? ["unshare", "--net"] : []),
    ...[
      process.execPath,
      "--import",
      import.meta.resolve("tsx"),
      join(repository, "steps", step, "main.ts"),
      "run",
    ],
    ...(number >= FIRST_WITH_ROOT ? ["--rootfs", root] : []),
    ...[...options, ...command],
  ];
  const env = {
    ...process.env,
    BOX_STORE: path,
    BOX_RUNTIME: join(path, "run"),
    NODE_EXTRA_CA_CERTS: undefined,
  };
  const { status, signal, stdout, stderr } = spawnSync(program!, args, {
    ...{ env, encoding: "utf8", timeout: PATIENCE },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (signal) return `it had not ended after ${PATIENCE / 1000} s`;
  if (status !== 0) return lastWords(stderr) ?? `it ended with ${status}`;
  return stdout.trim() === prints ? undefined : `it wrote ${JSON.stringify(stdout)}, not '${prints}'`;
}

/** An error of ours is one line; any other program's, and a stack, ends with one. */
function lastWords(stderr: string): string | undefined {
  const lines = stderr.split("\n").filter(Boolean);
  return (lines.find((line) => line.startsWith("box: ")) ?? lines.at(-1))?.replace(/^box: /, "");
}
