// What a lesson leaves on its host: whatever is there after it and was not before.
import type { Machine } from "../../checks/machine.ts";

const PATIENCE = 3000; // ms: processes just ended and interfaces just unplugged take a moment to go

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
    ...look(
      "file",
      "find /run/linux-containers-diy -type f; ls -A /tmp | grep -vE '^(tsx-|node-compile-cache)' || :",
    ),
    ...look("file", "ls -d /var/tmp/lesson-* 2>/dev/null || :"), // the host's: others have files there
    ...look("System V object", "ipcs | grep ^0x || :"),
    ...machine.processes().map(({ argv }) => `process: ${argv.join(" ")}`),
    ...machine.groups().map((path) => `cgroup: ${path}`),
  ];
}

const difference = (before: string[], after: string[]): string[] => [
  ...after.filter((each) => !before.includes(each)).map((each) => `+ ${each}`),
  ...before.filter((each) => !after.includes(each)).map((each) => `- ${each}`),
];
