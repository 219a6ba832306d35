// A host of its own for the tests of this step: two network namespaces, "host", where the boxes are started, and "world",
// the internet behind it. Whatever goes wrong, this machine's own network is not concerned.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from "vitest";
import { stepCommand } from "../../checks/steps.ts";

export const STEP = process.env.BOX_PROGRAM?.split(" ") ?? stepCommand("06-net");

export const directory = mkdtempSync(join(tmpdir(), "step-06-"));
// Each is a process that ends when its stdin does: with us, however we end. A name of ip-netns(8) would outlive us.
const spawnHost = () =>
  spawn("unshare", ["--net", "sh", "-c", "echo up; read _"], { stdio: ["pipe", "pipe", "inherit"] });
const hosts = [spawnHost(), spawnHost()];
export const [host, world] = hosts.map(({ pid }) => pid!) as [number, number];
export const runtime = join(directory, "run");
export const root = join(directory, "root");
export const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, BOX_RUNTIME: runtime };

// --- two hosts, by hand ---

export function sh(command: string): string {
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", command], { encoding: "utf8", env });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout;
}

export const inside = (pid: number): string[] => ["nsenter", `--net=/proc/${pid}/ns/net`];
export const onHost = (command: string): string => sh(`${inside(host).join(" ")} sh -ec '${command}'`);

beforeAll(async () => {
  await Promise.all(hosts.map(({ stdout }) => once(stdout, "data")));
  sh(`
    host() { ${inside(host).join(" ")} ip "$@"; }
    world() { ${inside(world).join(" ")} ip "$@"; }
    host link set lo up; world link set lo up
    host link add up0 type veth peer name up0 netns ${world}
    host addr add 203.0.113.2/24 dev up0; host addr add 2001:db8::2/64 dev up0 nodad
    world addr add 203.0.113.1/24 dev up0; world addr add 2001:db8::1/64 dev up0 nodad
    host link set up0 up; world link set up0 up
    host route add default via 203.0.113.1; host route add default via 2001:db8::1
    world route add 10.44.0.0/16 via 203.0.113.2`);
  // Somebody else's rules and settings.
  onHost(`
    nft add table ip filter
    nft "add chain ip filter FORWARD { type filter hook forward priority 0; policy accept; }"
    nft add table ip nat
    nft "add chain ip nat POSTROUTING { type nat hook postrouting priority 100; }"
    nft add rule ip nat POSTROUTING ip saddr 198.51.100.0/24 counter masquerade
    nft add table inet theirs
    nft "add chain inet theirs forward { type filter hook forward priority 0; policy accept; }"
    nft add rule inet theirs forward ip daddr 192.0.2.1 drop
    echo 0 >/proc/sys/net/ipv4/conf/all/accept_redirects
    echo 1 >/proc/sys/net/ipv4/conf/up0/forwarding`);
  // A root with busybox, and the machine's /usr as a volume, for node.
  for (const each of ["bin", "usr", "etc"]) mkdirSync(join(root, each), { recursive: true });
  sh(`cp "$(command -v busybox)" ${root}/bin/busybox; ln -s usr/lib usr/lib64 ${root}/`);
  for (const applet of ["sh", "ip", "ping", "nc", "cat", "sleep", "nslookup", "sysctl", "true", "awk"])
    symlinkSync("busybox", join(root, "bin", applet));
  writeFileSync(join(directory, "talk.mjs"), talk);
});

afterAll(async () => {
  for (const { stdin } of hosts) stdin.end();
  await Promise.all(hosts.map((each) => once(each, "exit")));
  rmSync(directory, { recursive: true });
});

// --- what a host remembers ---

export const snapshot = (): Record<string, string> => ({
  rules: onHost("nft list ruleset"),
  interfaces: onHost('ip -br link | cut -d" " -f1; ip -4 addr; ip route; ip -6 route show default'),
  sysctls: onHost("cd /proc/sys/net; grep -s . ipv4/ip_forward ipv*/conf/*/forwarding ipv*/conf/*/accept_*"),
  files: readdirSync(runtime, { recursive: true }).join(),
});
let before: Record<string, string>;
beforeAll(() => {
  mkdirSync(join(runtime, "names"), { recursive: true });
  before = snapshot();
});

// The tests run boxes to their end. Then there must be no trace of them.
afterEach(() => expect(snapshot()).toEqual(before));

// --- boxes ---

export const stepArgs = (options: string[], command: string[]): string[] => [
  ...inside(host).slice(1),
  ...STEP,
  "run",
  "--rootfs",
  root,
  ...options,
  ...command,
];
export const shared = [
  "--volume",
  "/usr:/usr:ro",
  "--volume",
  `${process.execPath}:/node:ro`,
  "--volume",
  `${directory}:/t:ro`,
];

/** Runs a box to its end. */
export function run(options: string[], command: string[] | string, changed: NodeJS.ProcessEnv = {}) {
  const args = stepArgs(options, typeof command === "string" ? ["sh", "-c", command] : command);
  return spawnSync("nsenter", args, { encoding: "utf8", env: { ...env, ...changed } });
}

/** The same, with what goes wrong told at once. */
export function output(options: string[], command: string | string[]): string {
  const { status, stdout, stderr } = run(options, command);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim();
}

export type Box = { process: ChildProcess; said: string; pid: number; end: () => Promise<void> };

/** Starts a box that lives until the end of the test: `command` says something when it is ready. */
export async function start(options: string[], command: string): Promise<Box> {
  const child = spawn("nsenter", stepArgs(options, ["sh", "-c", `${command}\nread line`]), {
    env,
    stdio: "pipe",
  });
  const box: Box = { process: child, said: "", pid: 0, end: () => endOf(child) };
  onTestFinished(box.end);
  let complaint = "";
  child.stderr!.on("data", (text) => {
    complaint += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on("data", (text) => {
      box.said += text;
      resolve();
    });
    child.once("exit", () => reject(new Error(`the box ended: ${complaint}`)));
  });
  box.pid = Number(
    readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "latin1").trim().split(" ")[0],
  );
  return box;
}

export async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin!.end();
  await once(child, "exit");
}

/** Address 2 of the default subnet, which a first box gets. */
export const FIRST = "10.44.0.2";

// --- who talks ---

// Server: answers TCP and UDP on a port with the address it was asked from. Client: prints the answer, or why none came.
export const talk = `
import { createConnection, createServer } from "node:net";
import { createSocket } from "node:dgram";
export const [what, port, host] = process.argv.slice(2);
export const plain = (address) => address.replace("::ffff:", "");
export const say = (text) => { console.log(text); process.exit(); };
setTimeout(() => what !== "serve" && say("no answer"), 3000);
if (what === "serve") {
  createServer((socket) => socket.on("error", () => {}).end(plain(socket.remoteAddress))).listen(port, () => {
    const udp = createSocket("udp6", (_, from) => udp.send(plain(from.address), from.port, from.address));
    udp.bind(port, () => console.log("ready"));
  });
} else if (what === "tcp") {
  createConnection(port, host).on("data", (text) => say(String(text))).on("error", ({ code }) => say(code));
} else {
  const udp = createSocket(host.includes(":") ? "udp6" : "udp4", (text) => say(String(text)));
  udp.on("error", ({ code }) => say(code)).connect(port, host, () => udp.send("?"));
}`;
export const server = (port: number): string => `/node /t/talk.mjs serve ${port} &`;

/** Asks a server from one of the two hosts. */
export const ask = (from: number, protocol: "tcp" | "udp", address: string, port: number): string =>
  sh(
    `${inside(from).join(" ")} ${process.execPath} ${directory}/talk.mjs ${protocol} ${port} ${address}`,
  ).trim();

export async function serve(pid: number, port: number): Promise<void> {
  const args = [...inside(pid).slice(1), process.execPath, join(directory, "talk.mjs"), "serve", `${port}`];
  const child = spawn("nsenter", args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    child.kill();
    await once(child, "exit");
  });
  await once(child.stdout!, "data");
}
