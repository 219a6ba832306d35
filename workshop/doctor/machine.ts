// What can be said of a machine by looking: none of this needs the addon, or root.
import { accessSync, constants, existsSync, readFileSync, readlinkSync, statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { machine, release } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { defaultRootfs, repository, store } from "../../lib/paths.ts";
import { formatSize } from "../../lib/values.ts";

/** What is known of one thing. `fine` is undefined where nothing is wrong with either answer, or none could be had. */
export type Finding = { about: string; found: string; fine?: boolean };

export const isRoot = process.getuid?.() === 0;

/** What can be read of the machine without trying anything. */
export const lookAtMachine = (): Finding[] => [
  { about: "kernel", found: `Linux ${release()}, ${machine()}` },
  { about: "runs in", found: surroundings() },
  { about: "user", found: isRoot ? "root" : "not root: what takes root could not be tried", fine: isRoot },
  { about: "node", found: `${process.version}, ${process.execPath}`, fine: isNewEnough() },
  addon(),
  tools(),
  rootfs(),
  disk(),
  { about: "memory", found: `${memory("MemAvailable")} free of ${memory("MemTotal")}` },
  { about: "AppArmor", found: appArmor() },
];

// --- where we are ---

const INITIAL_PID_NAMESPACE = "pid:[4026531836]"; // include/linux/proc_ns.h: PROC_PID_INIT_INO

/** A container tells by a file, Windows by the kernel's name, and pid namespaces by their number. */
function surroundings(): string {
  if (/microsoft/i.test(release())) return "WSL, on Windows";
  if (existsSync("/.dockerenv")) return "a Docker container";
  if (existsSync("/run/.containerenv")) return "a Podman container";
  const kind = /(?:^|\0)container=([^\0]*)/.exec(read("/proc/1/environ"))?.[1];
  if (kind) return `a container (${kind})`;
  return isContained() ? "a container: its pid namespace is not the kernel's first" : "no container";
}

/** Whether somebody else has the say about what we may do. */
export const isContained = (): boolean =>
  existsSync("/.dockerenv") || attempt(() => readlinkSync("/proc/self/ns/pid"), "") !== INITIAL_PID_NAMESPACE;

const memory = (field: string): string =>
  formatSize(1024 * Number(new RegExp(`^${field}:\\s*(\\d+)`, "m").exec(read("/proc/meminfo"))?.[1] ?? 0));

function appArmor(): string {
  const restricts = read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").trim() === "1";
  return restricts
    ? "lets only root have user namespaces: no matter to the steps, which run as root"
    : "restricts no user namespaces";
}

// --- what is installed ---

const isNewEnough = (): boolean => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19);
};

const require = createRequire(import.meta.url);
const native = join(repository, "native");

/** Loads it, and builds nothing: that is for the first step to do. */
function addon(): Finding {
  try {
    const build = require("node-gyp-build");
    build(native);
    return { about: "addon", found: relative(repository, build.resolve(native)), fine: true };
  } catch {
    const found = "neither a prebuild for this machine nor one built here: npm run build:native";
    return { about: "addon", found, fine: false };
  }
}

const packages: Record<string, string> = {
  ...{ ip: "iproute2", tc: "iproute2", nft: "nftables", tar: "tar", cp: "coreutils", rm: "coreutils" },
  ...{ nsenter: "util-linux", unshare: "util-linux", setpriv: "util-linux" },
};

function tools(): Finding {
  const missing = Object.keys(packages).filter((name) => !which(name));
  const hidden = missing.filter((name) => which(name, ["/usr/sbin", "/sbin"]));
  const gone = missing.filter((name) => !hidden.includes(name));
  const get = [...new Set(gone.map((name) => packages[name]))].join(" ");
  const found = [
    ...(gone.length ? [`no ${gone.join(", ")}: apt-get install ${get}`] : []),
    ...(hidden.length ? [`${hidden.join(", ")} not in PATH: PATH=$PATH:/usr/sbin`] : []),
  ].join("; ");
  return { about: "tools", found: found || Object.keys(packages).join(" "), fine: missing.length === 0 };
}

/** The path of a program, as which(1) finds it. */
export const which = (name: string, places = (process.env.PATH ?? "").split(delimiter)): string | undefined =>
  places
    .map((place) => join(place, name))
    .find((path) => attempt(() => accessSync(path, constants.X_OK) ?? true, false));

// --- what boxes live on ---

function rootfs(): Finding {
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(read(join(defaultRootfs, "etc/os-release")))?.[1];
  const fine = existsSync(defaultRootfs);
  if (!fine && !isRoot)
    return { about: "root file", found: `none that this user can see, at ${defaultRootfs}` };
  const found = fine
    ? `${system ?? "made from a machine's programs"}, in ${defaultRootfs}`
    : "none: npm run rootfs";
  return { about: "root file", found, fine };
}

function disk(): Finding {
  const place = existingParent(store);
  const { bavail, bsize } = statfsSync(place);
  return { about: "store", found: `${store}, ${formatSize(bavail * bsize)} free` };
}

/** The directory itself, or the one it would be made in. */
export const existingParent = (path: string): string =>
  existsSync(path) ? path : existingParent(dirname(path));

/** What is in a file, or nothing: /proc may be masked, and a file may be others'. */
export const read = (file: string): string => attempt(() => readFileSync(file, "latin1"), "");

function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
