// What step 1 adds: running a program, and being a good parent to it.
import { readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { isatty } from "node:tty";
import { handOverSignals } from "../../lib/launcher.ts";
import { processStat } from "../../lib/stat.ts";
import {
  type Child,
  closeOnExec,
  defaultAction,
  execve,
  parentAlive,
  perform,
  type Recipe,
  type Signal,
  setParentDeathSignal,
  setStatusFlags,
  tcsetpgrp,
  tolerate,
  unblockSignals,
} from "../../native/index.ts";

const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;

// #region exec
/** Recipe: becomes `command`, looked for in the PATH of `env` as execvp(3) does. */
export const exec = (command: string[], env: NodeJS.ProcessEnv = process.env): Recipe => [
  ...cleanSlate(),
  ...candidates(command[0]!, env).map((path, i, { length }) => {
    const attempt = { ...execve(path, command, env), path: command[0] }; // an error names what was asked for
    return i < length - 1 ? tolerate(["ENOENT", "ENOTDIR", "EACCES"], attempt) : attempt;
  }),
];

/** The paths to try for `name`: one in each directory of PATH, or the name itself where it has a slash. */
function candidates(name: string, env: NodeJS.ProcessEnv): string[] {
  if (name.includes("/") || name === "") return [name];
  return (env.PATH || "/usr/local/bin:/usr/bin:/bin")
    .split(delimiter)
    .map((directory) => `${directory || "."}/${name}`);
}
// #endregion

// #region clean
/** Recipe: undoes what Node did to itself and exec would pass on. */
export const cleanSlate = (): Recipe => [
  // Node marks its standard descriptors close-on-exec: the program would start with none.
  ...[0, 1, 2].map((fd) => closeOnExec(fd, false)),
  // A terminal or pipe that Node has read from does not block, which cat(1) takes for an error.
  ...[0, 1, 2].filter(isNonBlocking).map((fd) => setStatusFlags(fd, statusFlags(fd) & ~O_NONBLOCK)),
  // Ignored signals stay ignored across exec: in `yes | head`, yes would live on and see EPIPE.
  ...(["SIGPIPE", "SIGXFSZ"] as const).map(defaultAction),
  // They were blocked for clone, and exec passes that on too.
  unblockSignals(),
];

/** O_APPEND, O_NONBLOCK and the like, and the access mode: /proc/PID/fdinfo in proc(5). */
const statusFlags = (fd: number): number =>
  Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))![1]!, 8) &
  ~O_CLOEXEC;

const isNonBlocking = (fd: number): boolean => (statusFlags(fd) & O_NONBLOCK) !== 0;
// #endregion

// #region die
/** Recipe: if the launcher is killed, the kernel kills this process too. */
export const dieWithLauncher = (): Recipe => [setParentDeathSignal("SIGKILL"), ...parentAlive()];
// #endregion

// #region attend
/** Waits for the child and returns its exit status. Signals we get meanwhile are its own: `deliver` passes them on. */
export async function attend(child: Child, deliver = passOn): Promise<number> {
  let ended = false;
  handOverSignals((signal) => ended || deliver(child, signal));
  const status = await child.exited;
  ended = true;
  takeTerminalBack();
  return status;
}

/** Sends the child a signal of ours, unless it came from the terminal, which has sent it to the child as well. */
export function passOn(child: Child, signal: Signal): void {
  const reached = inForeground(process.pid) && inForeground(child.pid);
  const fromTerminal = ["SIGINT", "SIGQUIT", "SIGWINCH"].includes(signal) && reached;
  if (!fromTerminal) child.kill(signal);
}
// #endregion

// #region terminal
/** An interactive shell makes itself the foreground group; after it, nobody could read the terminal any more (EIO). */
function takeTerminalBack(): void {
  const { group, foreground } = jobControl(process.pid);
  if (isatty(0) && foreground > 0 && isGone(foreground)) perform(tcsetpgrp(0, group));
}

function isGone(group: number): boolean {
  try {
    return !process.kill(-group, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Whether the terminal sends its signals to `pid`, and lets it read. */
export function inForeground(pid: number): boolean {
  const { group, foreground } = jobControl(pid);
  return group === foreground;
}

/** The process group of `pid`, and the one in the foreground of its terminal, -1 without one. */
function jobControl(pid: number): { group: number; foreground: number } {
  const stat = processStat(pid);
  return { group: Number(stat(5)), foreground: Number(stat(8)) };
}
// #endregion
