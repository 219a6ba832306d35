// Loads the addon: a build of our own if there is one, else the prebuild, else it is built now, once.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A call as the addon takes it: a reference to an earlier call's result is its index. */
export type EncodedCall = { name: string; args: unknown[]; tolerates: number[] };

/** How a process ended, as siginfo_t has it: CLD_EXITED and the exit status, or CLD_KILLED, CLD_DUMPED and the signal. */
export type End = { code: number; status: number };

type Addon = {
  /** [parent's end, child's end], or a negative errno. */
  socketpair(): [number, number] | number;
  /** `pid` is a negative errno when the clone failed; `life` is memory the child lives in. */
  clone(
    flags: number,
    recipe: EncodedCall[],
    cgroup: number | null,
  ): { pid: number; pidfd: number; life: unknown };
  /** What each call has returned so far. */
  results(life: unknown): (number | undefined)[];
  /** Frees `life`; only once the child has exec'ed or died. */
  release(life: unknown): void;
  /** Makes one call in this process. */
  perform(recipe: [EncodedCall]): number;
  /** Blocks until the process has ended. */
  wait(pidfd: number): End;
  exited(pidfd: number, done: (end: End) => void): void;
  /** The ELF file of the tiny pid 1. */
  init: Uint8Array;
};

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const load = (): Addon => require("node-gyp-build")(here);

function build(): void {
  process.stderr.write("Building the native addon, once …\n");
  const nodeGyp = join(dirname(require.resolve("node-gyp/package.json")), "bin", "node-gyp.js");
  const { status } = spawnSync(process.execPath, [nodeGyp, "rebuild", "--silent"], {
    cwd: here,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new Error("the native addon could not be built: it takes g++, make and python3");
}

function loadOrBuild(): Addon {
  try {
    return load();
  } catch {
    build();
    return load();
  }
}

export const addon = loadOrBuild();
