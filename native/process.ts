// The process itself, as data.
import { constants as os } from "node:os";
import { type Call, call, type Descriptor, descriptor, flagNames, quote, quoteAll } from "./call.ts";
import { AT_EMPTY_PATH, type Capability, capabilities, capabilityMask, cloneFlags } from "./constants.ts";

export type Signal = NodeJS.Signals;

/** The environment as execve(2) takes it: `NAME=value`. */
const strings = (env: NodeJS.ProcessEnv): string[] =>
  Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));

const variables = (env: NodeJS.ProcessEnv): string => counted(strings(env).length);

const counted = (n: number): string => `/* ${n} ${n === 1 ? "var" : "vars"} */`;

/** execve(2): this process becomes the program at `path`. Returns only on failure. */
export const execve = (path: string, argv: string[], env: NodeJS.ProcessEnv): Call =>
  call("execve", [path, argv, strings(env)], [quote(path), quoteAll(argv), variables(env)], path);

/** execveat(2): the same with a program held open by `fd`. */
export const fexecve = (fd: Descriptor, argv: string[], env: NodeJS.ProcessEnv): Call =>
  call(
    "execveat",
    [fd, "", argv, strings(env), AT_EMPTY_PATH],
    [descriptor(fd), quote(""), quoteAll(argv), variables(env), "AT_EMPTY_PATH"],
    argv[0],
  );

/** prctl(2), PR_SET_PDEATHSIG: the kernel sends `signal` when the thread that cloned us ends. */
export const setParentDeathSignal = (signal: Signal): Call =>
  call("prctl", [1, os.signals[signal]], ["PR_SET_PDEATHSIG", signal]);

/** prctl(2), PR_CAPBSET_DROP: no program started from here on can have `capability`. */
export const dropFromBoundingSet = (capability: Capability): Call =>
  call("prctl", [24, capabilities.indexOf(capability)], ["PR_CAPBSET_DROP", capability]);

/** capset(2): permitted and effective are `set`, inheritable is empty. */
export function capset(set: readonly Capability[]): Call {
  const mask = capabilityMask(set);
  const [low, high] = [Number(mask & 0xffffffffn), Number(mask >> 32n)];
  const header = new Uint8Array(new Uint32Array([0x20080522, 0]).buffer); // version 3, this process
  const data = new Uint8Array(new Uint32Array([low, low, 0, high, high, 0]).buffer);
  const names = set.map((capability) => `1<<${capability}`).join("|") || "0";
  return call(
    "capset",
    [header, data],
    [
      "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}",
      `{effective=${names}, permitted=${names}, inheritable=0}`,
    ],
  );
}

/** unshare(2): leaves the namespaces that `flags` name for new ones. For a recipe: Node's other threads would stay. */
export const unshare = (flags: number): Call => call("unshare", [flags], [flagNames(flags, cloneFlags)]);

/** setns(2): moves into the namespace that `fd` holds open, which must be of the kind `type` (CLONE_NEW…) names. */
export const setns = (fd: Call, type: number): Call =>
  call("setns", [fd, type], [fd, flagNames(type, cloneFlags)], fd.path);

/** setsid(2): a session of its own, without a controlling terminal. */
export const setsid = (): Call => call("setsid", [], []);

/** sigaction(2): back to the default action. */
export const defaultAction = (signal: Signal): Call =>
  call(
    "rt_sigaction",
    [os.signals[signal], new Uint8Array(32)],
    [signal, "{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}", "NULL", "8"],
  );

/** sigprocmask(2): no signal is held back. */
export const unblockSignals = (): Call =>
  call("rt_sigprocmask", [2, new Uint8Array(8)], ["SIG_SETMASK", "[]", "NULL", "8"]);

/** pidfd_send_signal(2) */
export const pidfdSendSignal = (pidfd: number, signal: Signal): Call =>
  call("pidfd_send_signal", [pidfd, os.signals[signal]], [String(pidfd), signal, "NULL", "0"]);
