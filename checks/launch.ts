// Starts the program under test the way a careless shell would: with one descriptor and one variable too many.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import type { Ending, Output } from "./check.ts";

export interface Launched {
  pid: number;
  /** The end, once the program has exited. */
  ended: Promise<Ending>;
  /** What it has written so far. */
  output: () => Output;
  /** Why it must be stopped, once it has written more than any check asks for. */
  flooded: Promise<{ trouble: string }>;
  /** True once `text` is on stdout, false when the program ends without. */
  prints: (text: string) => Promise<boolean>;
  write: (text: string) => void;
  endInput: () => void;
  /** What was spawned goes, if it has not; the host takes care of the program itself. */
  kill: () => void;
}

const LEAK = "/etc/passwd";
const MOST = 64e6; // bytes

/** `variables` are put into the environment. */
export const launch = (argv: string[], variables: NodeJS.ProcessEnv, stdin?: Buffer): Launched => {
  const fd = openSync(LEAK, "r");
  const [program, ...args] = argv;
  const child = spawn(program!, args, {
    stdio: ["pipe", "pipe", "pipe", fd],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...variables },
    detached: true,
  });
  closeSync(fd);
  const streams = child.stdio as unknown as [
    NodeJS.WritableStream,
    NodeJS.ReadableStream,
    NodeJS.ReadableStream,
  ];
  streams[0].on("error", () => {}); // EPIPE: it did not read to the end
  if (stdin) streams[0].end(stdin);
  const out = gather(streams[1]);
  const err = gather(streams[2]);
  const output = () => ({ bytes: out.bytes(), stdout: `${out.bytes()}`, stderr: `${err.bytes()}` });
  const ended = once(child, "exit").then(async ([code, signal]) => {
    await settled([out.end, err.end]);
    return { ...output(), status: exitStatus(code, signal) };
  });
  return {
    pid: child.pid!,
    ended,
    output,
    flooded: Promise.race([out.flooded, err.flooded]).then(() => ({ trouble: FLOOD })),
    prints: (text) => Promise.race([out.shows(text), ended.then(() => false)]),
    write: (text) => streams[0].write(text),
    endInput: () => streams[0].end(),
    kill: () => void child.kill("SIGKILL"),
  };
};

const exitStatus = (code: number | null, signal: NodeJS.Signals | null) =>
  signal ? 128 + constants.signals[signal] : code!;

const FLOOD = `It wrote more than ${MOST / 1e6} MB, and was stopped: is there a loop that does not see its end?`;

const gather = (stream: NodeJS.ReadableStream) => {
  const chunks: Buffer[] = [];
  let length = 0;
  const flooded = new Promise<void>((resolve) => {
    stream.on("data", (chunk: Buffer) => {
      if (length <= MOST) chunks.push(chunk);
      length += chunk.length;
      if (length > MOST) resolve();
    });
  });
  const bytes = () => Buffer.concat(chunks);
  const shows = (text: string) =>
    new Promise<true>((resolve) => {
      const look = () => bytes().includes(text) && resolve(true);
      stream.on("data", look);
      look();
    });
  return { bytes, shows, flooded, end: once(stream, "end") };
};

// A background process that outlives the box may keep its stdout open: do not wait for it.
const settled = (ends: Promise<unknown>[]) =>
  Promise.race([Promise.all(ends), new Promise((resolve) => setTimeout(resolve, 300).unref())]);
