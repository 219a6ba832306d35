// clone: a child that carries out a recipe, as posix_spawn carries out its file actions.
import { closeSync, writeSync } from "node:fs";
import { constants as os } from "node:os";
import { addon, type EncodedCall } from "./addon.ts";
import { type Call, encode, isFatal, type Recipe } from "./call.ts";
import { type SystemError, systemError } from "./errors.ts";
import { keepOnly, receive } from "./handshake.ts";
import { pidfdSendSignal, type Signal } from "./process.ts";
import { exitStatus, traceBox, traceClone, traceEnd, traceHost } from "./trace.ts";

/**
 * Starts a child with clone3(2), in the new namespaces that `flags` name, and has it carry out `recipe`, which
 * ends in an exec. Returns when the program runs, or when the child has come to `waitForParent()`.
 *
 * @param options.cgroup descriptor of a cgroup v2 directory to be born in: CLONE_INTO_CGROUP
 * @throws {SystemError} of clone3, or of the call that failed, with its place in the recipe as `step`. Nothing is
 *   left of the child then.
 */
export function clone(flags: number, recipe: Recipe, options: { cgroup?: number } = {}): Child {
  const pair = addon.socketpair();
  if (typeof pair === "number") throw systemError({ name: "socketpair" }, pair);
  const [socket, end] = pair;
  const own = keepOnly(end);
  const calls = [...own, ...recipe];
  const { pid, pidfd, life } = start(flags, calls, options.cgroup ?? null, pair);
  traceClone(flags, options.cgroup, pid);
  if (pid < 0) {
    closeSync(socket);
    throw systemError({ name: "clone3" }, pid);
  }
  return new Child(pid, { pidfd, life, socket, calls, own: own.length });
}

function start(flags: number, calls: Call[], cgroup: number | null, [socket, end]: [number, number]) {
  try {
    return addon.clone(flags, encode(calls), cgroup);
  } catch (error) {
    closeSync(socket); // an argument is wrong: nothing was started
    throw error;
  } finally {
    closeSync(end);
  }
}

/** Makes one call in this process and returns its result. @throws {SystemError} */
export function perform(call: Call): number {
  const result = addon.perform(encode([call]) as [EncodedCall]);
  traceHost(call.name, call.text.join(", "), result);
  if (result < 0) throw systemError(call, result);
  return result;
}

type Life = { pidfd: number; life: unknown; socket: number; calls: Call[]; own: number };

/** A child of `clone`. */
export class Child {
  /** Its process id here, in the parent's pid namespace. */
  readonly pid: number;
  /** The exit status as a shell gives it: 0–255, or 128 + the signal. */
  readonly exited: Promise<number>;
  #life: Life;
  #traced = 0;
  #ended = false;
  #waits = false;
  #settle!: (status: number) => void;

  /** For `clone` alone. */
  constructor(pid: number, life: Life) {
    this.pid = pid;
    this.#life = life;
    this.exited = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#advance();
  }

  /** Lets the child go on from `waitForParent()`. Throws as `clone` does. */
  resume(): void {
    if (!this.#waits)
      throw new Error("resume: the child does not wait, waitForParent() is not in its recipe");
    try {
      writeSync(this.#life.socket, "g");
    } catch (error) {
      if ((error as SystemError).code !== "EPIPE") throw error; // killed while it waited: `exited` tells
    }
    this.#advance();
  }

  /** pidfd_send_signal(2). No error if the child has ended. */
  kill(signal: Signal): void {
    if (!this.#ended) perform(pidfdSendSignal(this.#life.pidfd, signal));
  }

  // Follows the child to its exec or to waitForParent, or throws what went wrong on the way.
  #advance(): void {
    const { life, socket, calls, pidfd } = this.#life;
    const said = receive(socket);
    this.#waits = said.kind === "waits";
    const out = !this.#waits;
    const results = addon.results(life);
    this.#traced = traceBox(calls, results, this.#traced, out);
    if (!out) return;

    // It runs its program or is dead: either way out of our memory.
    closeSync(socket);
    addon.release(life);
    const failure = this.#failure(results, said.errno);
    if (failure) {
      traceEnd(pidfd, addon.wait(pidfd), "WEXITED");
      this.#close();
      throw failure;
    }
    addon.exited(pidfd, (end) => {
      traceEnd(pidfd, end, "WNOHANG|WEXITED");
      this.#close();
      this.#settle(exitStatus(end));
    });
  }

  #failure(results: (number | undefined)[], execErrno: number): SystemError | undefined {
    const { calls, own } = this.#life;
    const index = execErrno < 0 ? calls.length - 1 : failedCall(calls, results);
    if (index < 0) return undefined;
    const error = systemError(calls[index]!, execErrno || results[index]!);
    return Object.assign(error, { step: index - own, steps: calls.length - own });
  }

  #close(): void {
    this.#ended = true;
    closeSync(this.#life.pidfd);
  }
}

/** The call that ended the recipe, or -1. */
function failedCall(calls: Call[], results: (number | undefined)[]): number {
  const last = results.findLastIndex((result) => result !== undefined);
  if (last < 0 || !isFatal(calls[last]!, results[last]!)) return -1;
  // As in execvp(3): a program that is there but may not be run outweighs all the places where there is none.
  if (![os.errno.ENOENT, os.errno.ENOTDIR].includes(-results[last]!)) return last;
  const denied = results.findIndex((result, i) => calls[i]!.name === "execve" && result === -os.errno.EACCES);
  return denied < 0 ? last : denied;
}
