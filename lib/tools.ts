// Programs of the system that a step calls: ip, tc, nft. One line when one is missing or refuses.
import { type SpawnOptions, type SpawnSyncOptionsWithStringEncoding, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { traceTool } from "../native/index.ts";
import { mountsBelow } from "./mounts.ts";
import { UsageError } from "./report.ts";

const packages = { ip: "iproute2", nft: "nftables", nsenter: "util-linux", tc: "iproute2" };
export type Tool = keyof typeof packages;

/** @throws {UsageError} if one is not in PATH. To be asked before anything is made that would have to be undone. */
export function needTools(...tools: Tool[]): void {
  const missing = tools.find((each) => !inPath(each));
  if (missing)
    throw new UsageError(
      `${missing} is not in PATH: it comes with the package ${packages[missing]}, and is often in /usr/sbin`,
    );
}

const inPath = (name: string): boolean =>
  (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/**
 * Runs a tool with `lines` as its standard input, and returns what it wrote.
 *
 * @throws {UsageError} with the tool's complaint, and the line it is about
 */
export function runTool(command: string[], lines: string[] = []): string {
  const [name = "", ...args] = command;
  for (const each of lines.length ? lines : [""]) traceTool(`${command.join(" ")} ${each}`.trim());
  const options: SpawnSyncOptionsWithStringEncoding & SpawnOptions = {
    stdio: [lines.length ? "pipe" : "ignore", "pipe", "pipe"],
    input: lines.map((line) => `${line}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 64 * 1024 ** 2,
    detached: true, // a session of its own: Ctrl-C is for us, and is not to end what sets up or clears away
  };
  const { status, stdout, stderr, error } = spawnSync(name, args, options);
  // A tool that gives up before it has read all leaves us with EPIPE: what it says is the better message.
  if (error && (error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  if (status !== 0) throw new UsageError(`${command.join(" ")}: ${complaint(stderr, lines)}`);
  return stdout;
}

/** ip and tc: `RTNETLINK answers: File exists`, `Command failed -:3`. nft: what and where, over several lines. */
function complaint(stderr: string, lines: string[]): string {
  const first = stderr.split("\n")[0] || "it did not say why";
  const failed = /Command failed -:(\d+)/.exec(stderr)?.[1];
  return failed === undefined ? first : `${first} ('${lines[Number(failed) - 1]}')`;
}

/**
 * Removes a directory of ours. By rm(1), which goes down a directory at a time: a box can nest them deeper than any path
 * may be long. A mount in it, of a program that forgot MS_PRIVATE, is let go first: rm would empty what is mounted.
 */
export function removeTree(path: string): void {
  for (const point of mountsBelow(path)) runTool(["umount", "--lazy", point]);
  runTool(["rm", "-rf", "--", path]);
}
