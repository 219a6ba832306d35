// What the tests of npm run check share: the command with a playground of its own, and programs to check.
import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";
import { repository } from "../../lib/paths.ts";

mkdirSync(join(repository, "playground"), { recursive: true });
export const place = mkdtempSync(join(repository, "playground", ".test-"));
afterAll(() => rmSync(place, { recursive: true }));

const tsx = ["--import", import.meta.resolve("tsx")];
export const command = [process.execPath, ...tsx, join(import.meta.dirname, "check.ts")];

/** Runs the command to its end, with a playground of its own. */
export async function check(args: string[], playground = place, options: SpawnOptions = {}) {
  const env = { ...process.env, PLAYGROUND: playground, NODE_EXTRA_CA_CERTS: undefined };
  const child = spawn(command[0]!, [...command.slice(1), ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, "exit"),
  ]);
  return { status, stdout, stderr };
}

/** A shell script as a program, by its command line. */
export function script(name: string, body: string): string {
  const path = join(place, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}
