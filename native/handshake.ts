// Parent and child talk over a socket, always descriptor 3 in the child and closed by its exec.
// The child says "a" (I am alive), "w" (I wait) or "e" + errno (exec failed); the parent says "g" (go).
import { readSync } from "node:fs";
import { type Call, call, quote, type Recipe } from "./call.ts";
import { closeFrom, closeOnExec, dup3 } from "./file.ts";

const SOCKET = 3;
const MSG_NOSIGNAL = 0x4000;

/** Recipe: what every child does first. It keeps standard input, output and error, and its end of the socket. */
export const keepOnly = (end: number): Recipe => [dup3(end, SOCKET), closeFrom(SOCKET + 1)];

/** Recipe: the next exec keeps the socket. For a program that goes on to exec another and tells how that went. */
export const passSocket = (): Recipe => [closeOnExec(SOCKET, false)];

const send = (text: string): Call =>
  call(
    "sendto",
    [SOCKET, text, 1, MSG_NOSIGNAL],
    [String(SOCKET), quote(text), "1", "MSG_NOSIGNAL", "NULL", "0"],
  );

/** Recipe: fails with EPIPE if the parent is dead, and so has missed a PR_SET_PDEATHSIG set just before. */
export const parentAlive = (): Recipe => [send("a")];

/** Recipe: stops here until the parent calls `resume()`; ECANCELED if it is gone. */
export const waitForParent = (): Recipe => [
  send("w"),
  call("recvfrom", [SOCKET, new Uint8Array(1), 1, 0], [String(SOCKET), quote("g"), "1", "0", "NULL", "NULL"]),
];

/** As read(2); 0 too where the child died with our word unread, for which Linux has ECONNRESET. */
function read(socket: number, message: Buffer): number {
  try {
    return readSync(socket, message);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
    return 0;
  }
}

/** What the child says next: it waits, it could not exec, or nothing more, since it runs its program or is dead. Blocks. */
export function receive(socket: number): { kind: "waits" | "failed" | "out"; errno: number } {
  const message = Buffer.alloc(2);
  for (;;) {
    const length = read(socket, message);
    if (length === 0) return { kind: "out", errno: 0 };
    const kind = String.fromCharCode(message[0]!);
    if (kind === "w") return { kind: "waits", errno: 0 };
    if (kind === "e") return { kind: "failed", errno: -message[1]! };
  }
}
