// The one face of the addon: system calls as data, and clone, which has a child carry them out.
import { addon } from "./addon.ts";

export * from "./bpf.ts";
export { type Call, type Descriptor, type Recipe, tolerate } from "./call.ts";
export { type Child, clone, perform } from "./clone.ts";
export * from "./constants.ts";
export { type SystemError, systemError } from "./errors.ts";
export * from "./file.ts";
export { parentAlive, passSocket, waitForParent } from "./handshake.ts";
export * from "./mount.ts";
export * from "./process.ts";
export * from "./seccomp.ts";
export { startTrace, traceTool } from "./trace.ts";
export * from "./uts.ts";

/** The ELF file of a tiny pid 1, made from src/init.c: `init COMMAND [ARG…]`. */
export const initProgram = addon.init;
