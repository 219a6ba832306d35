// Errors of system calls, in the shape of Node's own.
import { constants as os } from "node:os";
import { getSystemErrorMap } from "node:util";
import type { Call } from "./call.ts";

/** As `fs` throws them, and for a call in a recipe its place there: call `step` + 1 of `steps`. */
export type SystemError = NodeJS.ErrnoException & { dest?: string; step?: number; steps?: number };

// libuv has no words for these, so neither has Node.
const others: [string, string][] = [
  ["ENOEXEC", "exec format error"],
  ["EDEADLK", "resource deadlock avoided"],
  ["EDQUOT", "disk quota exceeded"],
  ["ESTALE", "stale file handle"],
];
const systemErrors = new Map([
  ...others.map((each): [number, [string, string]] => [-os.errno[each[0] as keyof typeof os.errno], each]),
  ...getSystemErrorMap(),
]);

/** `-17` → `["EEXIST", "file already exists"]` */
export const errorOf = (errno: number): [code: string, text: string] =>
  systemErrors.get(errno) ?? [`E${-errno}`, "unknown error"];

/** @param errno negative, as the kernel returns it */
export function systemError(call: Pick<Call, "name" | "path" | "dest">, errno: number): SystemError {
  const [code, text] = errorOf(errno);
  const path = call.path === undefined ? "" : ` '${call.path}'`;
  const dest = call.dest === undefined ? "" : ` -> '${call.dest}'`;
  const error: SystemError = new Error(`${code}: ${text}, ${call.name}${path}${dest}`);
  Object.assign(error, { errno, code, syscall: call.name });
  if (call.path !== undefined) error.path = call.path;
  if (call.dest !== undefined) error.dest = call.dest;
  return error;
}
