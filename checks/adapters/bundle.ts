// An OCI bundle: the config.json crun and runc read, with docker's defaults.
import { mkdirSync, writeFileSync } from "node:fs";
import { DROPPED, KEPT } from "./capabilities.ts";
import type { BoxOptions, Volume } from "./options.ts";
import { deviceNodes, resources } from "./resources.ts";

/** Writes DIR/bundle/config.json: the folder to give to the runtime. */
export const writeBundle = (dir: string, options: BoxOptions) => {
  mkdirSync(`${dir}/bundle`, { recursive: true });
  writeFileSync(`${dir}/bundle/config.json`, JSON.stringify(config(options)));
  return `${dir}/bundle`;
};

const config = (options: BoxOptions) => ({
  ociVersion: "1.0.2",
  hostname: options.hostname,
  root: { path: options.rootfs, readonly: options.readOnly },
  process: {
    ...{ user: { uid: 0, gid: 0 }, cwd: "/", args: options.command, env: options.env },
    capabilities: capabilities(options.privileged),
  },
  mounts: [...mounts(options.privileged), ...options.volumes.map(volumeMount)],
  linux: {
    namespaces: [...["mount", "uts", "ipc", "pid", "cgroup"].map((type) => ({ type })), ...network(options)],
    resources: resources(options),
    devices: deviceNodes(options),
    ...(options.domainname && { sysctl: { "kernel.domainname": options.domainname } }),
    ...(!options.privileged && { maskedPaths: MASKED, readonlyPaths: READ_ONLY }),
  },
});

const network = ({ network: kind }: BoxOptions) => {
  const pid = /^container:(\d+)$/.exec(kind)?.[1];
  if (kind === "host") return [];
  return [{ type: "network", ...(pid && { path: `/proc/${pid}/ns/net` }) }];
};

const capabilities = (privileged: boolean) => {
  const names = privileged ? [...KEPT, ...DROPPED] : KEPT;
  return { bounding: names, effective: names, permitted: names };
};

const mounts = (privileged: boolean) => [
  mount("proc", "/proc", "proc", "nosuid,noexec,nodev"),
  mount("tmpfs", "/dev", "tmpfs", "nosuid,strictatime,mode=755,size=65536k"),
  mount("devpts", "/dev/pts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5"),
  mount("tmpfs", "/dev/shm", "tmpfs", "nosuid,noexec,nodev,mode=1777,size=65536k"),
  mount("mqueue", "/dev/mqueue", "mqueue", "nosuid,noexec,nodev"),
  mount("sysfs", "/sys", "sysfs", privileged ? "nosuid,noexec,nodev" : "nosuid,noexec,nodev,ro"),
  mount("cgroup", "/sys/fs/cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro"),
];

const mount = (source: string, destination: string, type: string, options: string) => ({
  ...{ source, destination, type },
  options: options.split(","),
});

const volumeMount = ({ source, target, readOnly }: Volume) =>
  mount(source, target, "bind", readOnly ? "rbind,rro" : "rbind,rw");

const MASKED = [
  ...[
    "acpi",
    "asound",
    "kcore",
    "keys",
    "latency_stats",
    "timer_list",
    "timer_stats",
    "sched_debug",
    "scsi",
  ].map((name) => `/proc/${name}`),
  "/sys/firmware",
];
const READ_ONLY = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);
