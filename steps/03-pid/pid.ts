// What step 3 adds: process ids of its own, a /proc that shows them, and the duties of pid 1.
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { flag } from "../../lib/cli.ts";
import {
  type Child,
  fexecve,
  initProgram,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_REC,
  memfdCreate,
  mount,
  passSocket,
  type Recipe,
  type Signal,
  seal,
  write,
} from "../../native/index.ts";
import { attend, cleanSlate, inForeground, passOn } from "../01-exec/exec.ts";

export const pidOptions = {
  init: flag("put a tiny pid 1 before the command, which reaps orphans and forwards signals"),
};

// #region proc
/** Recipe: /proc shows the processes of the namespace its mounter was in, so a new namespace needs a new mount. */
export const ownProc = (): Recipe => [
  // Mounts are shared with the host until we say otherwise: it would lose its own /proc.
  mount(null, "/", null, MS_REC | MS_PRIVATE),
  mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC),
];
// #endregion

// #region init
/** Recipe: becomes a tiny pid 1 that runs `command` as its child. */
export function init(command: string[], env: NodeJS.ProcessEnv = process.env): Recipe {
  const memfd = memfdCreate("init");
  return [
    ...cleanSlate(),
    // From memory, sealed: it needs no file in the box, and /proc/1/exe leads to none of the host's.
    memfd,
    write(memfd, initProgram),
    seal(memfd),
    ...passSocket(), // it tells whether the command could be run
    { ...fexecve(memfd, ["init", ...command], env), path: command[0] },
  ];
}
// #endregion

// #region stop
let stopped = () => {};

// Ctrl-Z, and a read in the background. Pid 1 is not stopped by them either, but tries to read again, for ever. Its
// first read may come before attendInit, and would stop us where we could not stop it: so, handlers from the start.
for (const signal of ["SIGTSTP", "SIGTTIN", "SIGTTOU"] as const)
  process.on(signal, () => {
    if (signal !== "SIGTSTP" && inForeground(process.pid)) return; // an old one: fg has been since
    stopped();
    process.kill(process.pid, "SIGSTOP");
  });
// #endregion

// #region attend
/**
 * Waits for pid 1 of a namespace. The kernel drops a signal for which it has no handler, since nobody could
 * live on without pid 1: `sleep` as pid 1 survives Ctrl-C. So what the default action would do, we do.
 */
export async function attendInit(box: Child): Promise<number> {
  let endedBy: Signal | undefined;
  stopped = () => box.kill("SIGSTOP"); // that one, from outside, it cannot refuse
  const status = await attend(box, (_, signal) => {
    if (!endsPid1(box.pid, signal)) return passOn(box, signal);
    endedBy = signal;
    box.kill("SIGKILL");
  });
  return endedBy ? 128 + constants.signals[endedBy] : status;
}
// #endregion

// #region dispositions
/** Whether `signal` should end it, and yet would not. A shell ignores SIGTERM, but the user who sends it means it. */
function endsPid1(pid: number, signal: Signal): boolean {
  if (signal === "SIGWINCH" || signal === "SIGCONT") return false;
  const { handled, ignored } = dispositions(pid, signal);
  const insists = signal === "SIGTERM" || signal === "SIGHUP";
  return !handled && (insists || !ignored);
}

/** From the masks in /proc/PID/status, proc(5). A blocked signal waits to be fetched: that is handling it. */
function dispositions(pid: number, signal: Signal): { handled: boolean; ignored: boolean } {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const has = (mask: string): boolean => {
    const bits = BigInt(`0x${new RegExp(`${mask}:\\s*(\\w+)`).exec(status)![1]}`);
    return ((bits >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
  };
  return { handled: has("SigCgt") || has("SigBlk"), ignored: has("SigIgn") };
}
// #endregion
