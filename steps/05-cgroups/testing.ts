// Boxes for the tests of this step, on whatever cgroups this kernel has: version 1, version 2 or both. BOX_PROGRAM names
// another program to test than this step.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { makeRoot } from "../../checks/root.ts";
import { stepCommand } from "../../checks/steps.ts";

export const program = process.env.BOX_PROGRAM?.split(" ") ?? stepCommand("05-cgroups");
export const patience = process.env.VM ? 10 : 1; // times the usual, for an emulated machine

export const work = mkdtempSync(join(tmpdir(), "box-cgroups-"));
export const root = join(work, "root");
beforeAll(() => {
  chmodSync(work, 0o755);
  makeRoot(root, "cgroups");
});
afterAll(() => rmSync(work, { recursive: true }));

export const argv = (options: string, command: string[]): [string, string[]] => {
  const given = options.split(" ").filter(Boolean);
  return [program[0]!, [...program.slice(1), "run", "--rootfs", root, ...given, ...command]];
};
export const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };

/** Runs a shell script in a box. */
export const box = (options: string, script: string) => run(options, ["sh", "-c", script]);
export const run = (options: string, command: string[]) =>
  spawnSync(...argv(options, command), { encoding: "utf8", env });

/** Starts a box that prints "ready"; killed after the test if it still runs. */
export async function start(options: string, script: string) {
  const launcher = spawn(...argv(options, ["sh", "-c", `${script}`]), { env, detached: true });
  onTestFinished(() => void launcher.kill("SIGKILL"));
  const ended = once(launcher, "exit");
  const said: string[] = [];
  launcher.stderr.on("data", (data) => said.push(String(data)));
  const failed = ended.then(() => Promise.reject(new Error(`it never was ready: ${said.join("")}`)));
  failed.catch(() => {}); // that it ends later is no failure
  await Promise.race([once(launcher.stdout, "data"), failed]);
  await comesTrue(() => handles(launcher.pid!, constants.signals.SIGUSR2));
  return { launcher, ended, pid: launcher.pid!, stderr: () => said.join("") };
}

/** Whether a process has a handler for that signal: proc_pid_status(5). */
export const handles = (pid: number, signal: number): boolean => {
  const mask = /SigCgt:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))![1];
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
};

// --- what the host has ---

export const mounts = [
  ...readFileSync("/proc/self/mountinfo", "latin1").matchAll(/^(?:\S+ ){4}(\S+) .* - (cgroup2?) /gm),
].map(([, directory, type]) => ({ directory: directory!, type }));
export const unified = mounts.find(({ type }) => type === "cgroup2")?.directory;
export const pure = mounts.length === 1 && unified !== undefined;

/** The groups of boxes there are. */
export const groups = () =>
  mounts.flatMap(({ directory }) =>
    readdirSync(directory).flatMap((name) => (name.startsWith("box-") ? [`${directory}/${name}`] : [])),
  );
export const groupsOf = (pid: number) => groups().filter((path) => path.includes(`/box-${pid}-`));

/** A file of the box's group, as the box reads it, wherever its controller is. */
export const cat = (...files: string[]) =>
  files
    .map((file) => `cat /sys/fs/cgroup/${file} 2>/dev/null || cat /sys/fs/cgroup/*/${file} 2>/dev/null`)
    .join(" || ");

/** Waits until `condition` holds: whether it does. */
export async function comesTrue(condition: () => boolean, seconds = 5): Promise<boolean> {
  for (const end = Date.now() + 1000 * seconds * patience; Date.now() < end && !condition(); )
    await new Promise((resolve) => setTimeout(resolve, 20));
  return condition();
}

export const HOG = ["dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"];
