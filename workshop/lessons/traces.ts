// What a lesson leaves on its host: whatever is there after it and was not before.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../../checks/machine.ts";
import { hierarchies } from "../../lib/cgroups.ts";
import { repository } from "../../lib/paths.ts";

const PATIENCE = 3000; // ms: processes just ended and interfaces just unplugged take a moment to go

/** What we and the virtual machine have in /var/tmp, which a stage shares with its host. */
const OWN = "/var/tmp/(lessons|vm)-";

/** Looks at the host; what it returns looks again, and lists what has come (`+`) and gone (`-`) for good. */
export function watchTraces(machine: Machine): () => Promise<string[]> {
  const before = lookAt(machine);
  return async () => {
    let traces = difference(before, lookAt(machine));
    for (const end = Date.now() + PATIENCE; traces.length > 0 && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const now = difference(before, lookAt(machine));
      traces = traces.filter((each) => now.includes(each));
    }
    return traces;
  };
}

/** A line for each thing that a lesson may make or change. */
function lookAt(machine: Machine): string[] {
  const look = (what: string, command: string) =>
    machine
      .run("sh", "-c", command)
      .split("\n")
      .filter(Boolean)
      .map((line) => `${what}: ${line}`);
  return [
    ...look("mount", "cut -d' ' -f3- /proc/self/mountinfo"),
    ...look("interface", "ls /sys/class/net; ip -oneline address | cut -d'\\' -f1"),
    ...look("network namespace", "ls /run/netns 2>/dev/null || :"),
    ...look("nft", "nft list ruleset"),
    ...look("setting", "hostname; cat /proc/sys/net/ipv4/ip_forward"),
    ...look("file", `cd '${repository}'; ls -A . playground 2>/dev/null || :`),
    ...look(
      "file",
      "find /run/linux-containers-diy -type f; ls -A /tmp | grep -vE '^(tsx-|node-compile-cache)' || :",
    ),
    ...look("file", `ls -Ad /var/tmp/* | grep -vE '${OWN}' || :`),
    ...look("System V object", "ipcs | grep ^0x || :"),
    ...machine.processes().map(({ argv }) => `process: ${argv.join(" ")}`),
    ...cgroups().map((path) => `cgroup: ${path}`),
  ];
}

/** Those at the top of each tree; all hosts on this kernel share them, so not those of boxes and checks that run. */
const cgroups = (): string[] =>
  hierarchies()
    .flatMap(({ root }) => readdirSync(root).map((name) => join(root, name)))
    .filter((path) => !/\/check-[^/]+$/.test(path) && (!isBoxes(path) || isAbandoned(path)));

const isBoxes = (group: string): boolean => /\/box-\d+-\d+$/.test(group);

/** A launcher keeps its box's group locked: whoever can lock it finds that nobody does any more. */
const isAbandoned = (group: string): boolean =>
  spawnSync("flock", ["--nonblock", group, "true"], { stdio: "ignore" }).status === 0;

/** Others on this kernel and on this disk come and go. */
const SHARED = /^(cgroup|file: \/var\/tmp)/;

const difference = (before: string[], after: string[]): string[] => [
  ...after.filter((each) => !before.includes(each)).map((each) => `+ ${each}`),
  ...before.filter((each) => !after.includes(each) && !SHARED.test(each)).map((each) => `- ${each}`),
];
