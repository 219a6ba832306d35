// What the kernel grants. Each is tried: no version number tells what a distribution, a container or a rule forbids.
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { find, hierarchies, whyMissing } from "../../lib/cgroups.ts";
import { kebab } from "../../lib/cli.ts";
import { handBack, handedDown } from "../../lib/handed-down.ts";
import {
  CLONE_NEWNS,
  capabilities,
  clone,
  cloneFlags,
  MS_PRIVATE,
  MS_REC,
  mount,
  type Recipe,
  type SystemError,
} from "../../native/index.ts";
import { exec } from "../../steps/01-exec/exec.ts";
import { createCgroup } from "../../steps/05-cgroups/cgroup.ts";
import { table } from "../../steps/05-cgroups/limits.ts";
import { type Finding, isRoot, read, which } from "./machine.ts";
import type { Scratch } from "./scratch.ts";

/** What the kernel grants, each found by trying. */
export async function tryKernel(scratch: Scratch): Promise<Finding[]> {
  const findings: Finding[] = [capabilitySet(), await namespaces(), forwarding()];
  return isRoot ? [...findings, cgroups(), limits(), await overlay(scratch), ...network()] : findings;
}

// --- what root may do ---

const unneeded = [
  "CAP_MAC_OVERRIDE",
  "CAP_MAC_ADMIN",
  "CAP_AUDIT_CONTROL",
  "CAP_AUDIT_READ",
  "CAP_WAKE_ALARM",
  "CAP_BLOCK_SUSPEND",
  "CAP_LEASE",
  "CAP_IPC_LOCK",
  "CAP_IPC_OWNER",
];

function capabilitySet(): Finding {
  const mask = BigInt(`0x${/CapEff:\s*(\w+)/.exec(read("/proc/self/status"))?.[1] ?? 0}`);
  const last = Number(read("/proc/sys/kernel/cap_last_cap") || 0);
  const lost = capabilities
    .slice(0, last + 1)
    .filter((name, i) => ((mask >> BigInt(i)) & 1n) === 0n && !unneeded.includes(name));
  if (mask === 0n) return { about: "capabilities", found: "none", fine: false };
  return { about: "capabilities", found: lost.length ? `all but ${lost.join(" ")}` : "all" };
}

async function namespaces(): Promise<Finding> {
  const wanted = Object.entries(cloneFlags).filter(([name]) =>
    /NEW(NS|UTS|IPC|PID|NET|CGROUP|USER)$/.test(name),
  );
  const tried: [string, string | undefined][] = [];
  for (const [name, flag] of wanted) tried.push([nameOf(name), await refusal(flag, [])]);
  const refused = tried.filter(([name, code]) => code && name !== "user"); // which no step uses
  const list = tried.map(([name, code]) => (code ? `${name} (${code})` : name));
  return { about: "namespaces", found: list.join(" "), fine: refused.length === 0 };
}

const nameOf = (flag: string): string =>
  flag === "CLONE_NEWNS" ? "mount" : flag.slice("CLONE_NEW".length).toLowerCase();

/** Why a child cannot be, or cannot do what the recipe says: a code such as EPERM. */
async function refusal(flags: number, recipe: Recipe): Promise<string | undefined> {
  try {
    await clone(flags, [...recipe, ...exec(["true"], { PATH: "/bin:/usr/bin" })]).exited;
  } catch (error) {
    return (error as SystemError).code ?? (error as Error).message;
  }
}

// --- cgroups ---

function cgroups(): Finding {
  if (!read("/proc/self/mountinfo"))
    return { about: "cgroups", found: "unknown: /proc is masked", fine: false };
  const versions = [...new Set(hierarchies().map(({ version }) => version))];
  if (versions.length === 0) return { about: "cgroups", found: "none mounted", fine: false };
  const found = versions.length === 2 ? "versions 1 and 2, a hybrid" : `version ${versions[0]} alone`;
  return { about: "cgroups", found };
}

/** Makes the group of a box, and looks which files it has. */
function limits(): Finding {
  try {
    const before = handedDown();
    const cgroup = createCgroup();
    process.on("SIGTSTP", () => process.kill(process.pid, "SIGSTOP")); // which step 3 does where there is a box
    process.on("exit", () => handBack(before)); // after the handler that removes the group
    const cannot = Object.entries(table).flatMap(([option, files]) => {
      const names = files.flatMap((each) => Object.keys(each));
      const controller = names.at(-1)!.split(".")[0]!; // as version 1 calls it
      return names.some((name) => find(cgroup, name))
        ? []
        : [`--${kebab(option)} (${whyMissing(controller)})`];
    });
    return cannot.length
      ? { about: "limits", found: `all but ${cannot.join(", ")}` }
      : { about: "limits", found: "all", fine: true };
  } catch (error) {
    return { about: "limits", found: `none: ${(error as Error).message}`, fine: false };
  }
}

// --- overlay ---

async function overlay({ path, fault }: Scratch): Promise<Finding> {
  if (fault) return { about: "overlay", found: `nothing can be written: ${fault}`, fine: false };
  for (const name of ["lower", "upper", "work", "merged"]) mkdirSync(join(path, name));
  const options = `lowerdir=${path}/lower,upperdir=${path}/upper,workdir=${path}/work`;
  const code = await refusal(CLONE_NEWNS, [
    mount(null, "/", null, MS_REC | MS_PRIVATE),
    mount("overlay", join(path, "merged"), "overlay", 0, options),
  ]);
  return { about: "overlay", found: code ?? "mounted, on the store's disk", fine: !code };
}

// --- network ---

function forwarding(): Finding {
  const file = "/proc/sys/net/ipv4/ip_forward";
  const state = read(file).trim() === "1" ? "on" : "off, which step 6 changes while boxes run";
  if (!isRoot) return { about: "forwarding", found: state };
  try {
    closeSync(openSync(file, "r+"));
    return { about: "forwarding", found: state, fine: true };
  } catch (error) {
    return { about: "forwarding", found: `cannot be changed: ${(error as SystemError).code}`, fine: false };
  }
}

const chain = "table inet doctor { chain c { type nat hook postrouting priority 100; masquerade; }; }\n";

const devices: [about: string, command: string[], input?: string][] = [
  ["bridge", ["ip", "link", "add", "doctor0", "type", "bridge"]],
  ["veth", ["ip", "link", "add", "doctor0", "type", "veth", "peer", "name", "doctor1"]],
  ["NAT", ["nft", "-f", "-"], chain],
  [
    "bandwidth",
    [
      "tc",
      "qdisc",
      "add",
      "dev",
      "lo",
      "root",
      "tbf",
      "rate",
      "10mbit",
      "burst",
      "16384",
      "latency",
      "100ms",
    ],
  ],
];

/** Each in a network namespace of its own, which goes with what was made in it. */
const network = (): Finding[] =>
  devices.map(([about, command, input = ""]) => {
    const missing = ["unshare", command[0]!].find((name) => !which(name));
    if (missing) return { about, found: `could not be tried without ${missing}`, fine: false };
    const { status, stderr } = spawnSync("unshare", ["--net", ...command], { input, encoding: "utf8" });
    const fine = status === 0;
    return { about, found: fine ? "made" : (stderr.split("\n")[0] ?? ""), fine };
  });
