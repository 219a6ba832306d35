// The host a check plays on: namespaces of its own, so that a program still being written cannot hurt
// the real one, and with / shared, as systemd leaves it, so that a mount that leaks is seen to leak.
// Everything that was started in it dies with its pid 1.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { machineRuntime, repository } from "../lib/paths.ts";
import { UsageError } from "../lib/report.ts";
import { groupsBelow } from "./cgroups.ts";
import { makeGroups } from "./machine-groups.ts";
import { children, type Mount, mounts, type Process, processes } from "./proc.ts";

export interface Machine {
  /** Its pid 1, by its number here. */
  pid: number;
  /** The command line that starts a command in it, in the current directory. */
  enter: (command: string[]) => string[];
  /** Runs a command in it and waits: what it wrote on stdout. */
  run: (...command: string[]) => string;
  mounts: () => Mount[];
  /** Everything alive in it but its pid 1, by the numbers in it. */
  processes: () => Process[];
  hostname: () => string;
  /** The control groups somebody made in it, in any tree. */
  groups: () => string[];
  stop: () => Promise<void>;
}

const PATIENCE = process.env.VM ? 200 : 20; // seconds

const NAMESPACES = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
const NEW = [...NAMESPACES, "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];

// Terminals of the real host are not to be had, and what is written to this repository, learners' work too, is refused.
// What boxes note of the machine they run on is about this one: whoever is killed with it leaves nothing on the host.
// A new network namespace copies the real host's ip_forward, which is 1 where docker runs: a step must set it itself.
const GUARD = [
  `mkdir -p ${machineRuntime} && mount -t tmpfs -o mode=755 tmpfs ${machineRuntime}`,
  "echo 0 >/proc/sys/net/ipv4/ip_forward",
  "mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts /dev/pts",
  `mount --rbind '${repository}' '${repository}' && mount -o remount,bind,ro '${repository}'`,
].join(" && ");

/**
 * Makes one, which lives until it is stopped or we end. Stopped, it has `patience` seconds to go.
 * @throws {UsageError} where the kernel does not let us
 */
export const startMachine = async (patience = PATIENCE): Promise<Machine> => {
  const groups = await makeGroups();
  // Ends when its stdin does: with stop(), or with us, however we end.
  const init = `${groups.mount} && ${GUARD} && mount --make-rshared / && ip link set lo up && echo up && read _`;
  const unshare = spawn("sh", ["-c", `${groups.found}; exec unshare "$@"`, "sh", ...NEW, "sh", "-c", init], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = once(unshare, "exit");
  await Promise.race([once(unshare.stdout, "data"), gone]);
  const pid = children(unshare.pid!)[0];
  if (!pid) {
    await groups.remove();
    throw new UsageError("unshare(1) could not make the namespaces a check needs: are you root?");
  }
  groups.settle([unshare.pid!, pid]);
  return {
    ...inside(pid, groups.join),
    groups: () => groups.directories.flatMap((each) => groupsBelow(each)).filter((path) => path !== "host"),
    stop: async () => {
      groups.thaw();
      unshare.stdin.end();
      const isGone = await Promise.race([gone, setTimeout(patience * 1000, false, { ref: false })]);
      if (!isGone) throw new UsageError(forget(unshare));
      await groups.remove();
    },
  };
};

/** Waits for it no longer; returns why. It ends when all its dead have been reaped, orphans by process 1 out here. */
function forget(child: ChildProcess): string {
  child.stdout!.destroy();
  child.unref();
  const init = readFileSync("/proc/1/comm", "utf8").trim();
  return `what ran in a check does not go: process 1 here (${init}) seems to reap no orphans; docker has run --init`;
}

const inside = (pid: number, join: string) => {
  const nsenter = ["nsenter", `--target=${pid}`, ...NAMESPACES, `--wdns=${process.cwd()}`, "--"];
  const run = (...command: string[]) => {
    const [program, ...args] = [...nsenter, ...command];
    const { status, stdout, stderr } = spawnSync(program!, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
    return stdout.trim();
  };
  return {
    pid,
    enter: (command: string[]) => ["sh", "-c", `${join}; exec "$@"`, "sh", ...nsenter, ...command],
    run,
    mounts: () => mounts(pid),
    processes: () => processes(`/proc/${pid}/root/proc`).filter((process) => process.pid !== 1),
    hostname: () => run("hostname"),
  };
};
