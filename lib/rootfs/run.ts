// Runs the system's own programs (tar, apt-get, ldd) and says in one line why one failed.
import { execFile } from "node:child_process";

export type RunOptions = { cwd?: string; env?: NodeJS.ProcessEnv; timeout?: number; signal?: AbortSignal };

/**
 * Runs `program` and returns what it wrote to stdout. A failure is an error with the one line of its stderr
 * that says why. After an abort it waits for the program's end, so that nothing is still being written.
 */
export async function run(program: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { signal, ...rest } = options;
  // Root's PATH may lack the sbin directories (su without -): chroot is there.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: "C", ...options.env };
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { ...rest, env, maxBuffer: 64e6 }, (error, stdout, stderr) => {
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted) reject(signal.reason);
      else if (error) reject(new Error(reason(program, error, stderr)));
      else resolve(stdout);
    });
    // Not execFile's own `signal`: that one rejects at once, while the program still runs.
    const stop = () => child.kill();
    signal?.addEventListener("abort", stop);
  });
}

type Failure = Error & { code?: unknown; killed?: boolean };

function reason(program: string, error: Failure, stderr: string): string {
  if (error.code === "ENOENT") return `${program} is not installed here`;
  if (error.killed) return `${program} took too long and was stopped`;
  const lines = stderr.split("\n").filter(Boolean);
  // apt-get warns (W:) before it says what went wrong (E:).
  const line = lines.find((line) => line.startsWith("E: "))?.slice(3) ?? lines[0] ?? error.message;
  return line.startsWith(`${program}: `) ? line : `${program}: ${line}`;
}
