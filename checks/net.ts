// The network of the host that checks play on, and the world behind it: one more network namespace, at the other end of a
// cable. Whoever talks does so in the network of a process that is named by its pid.
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import type { Scene } from "./check.ts";
import type { Machine } from "./machine.ts";
import { children } from "./proc.ts";

/** The host's address out there, and the world's. */
export const HOST = "203.0.113.2";
export const WORLD = "203.0.113.1";

const inNet = (pid: number, ...command: string[]) => [`--net=/proc/${pid}/ns/net`, "--", ...command];

/** Runs ip(8) in the network of a process: its answer. */
const ip = (pid: number, words: string) =>
  JSON.parse(
    execFileSync("nsenter", inNet(pid, "ip", "-json", ...words.split(" ")), { encoding: "utf8" }) || "[]",
  );

export interface Interface {
  name: string;
  up: boolean;
  /** Its IPv4 addresses, as in `10.1.2.3/24`. */
  addresses: string[];
}

/** The interfaces of a process's network: ip-address(8). */
export const interfaces = (pid: number): Interface[] =>
  ip(pid, "address").map((each: { ifname: string; flags: string[]; addr_info: Address[] }) => ({
    name: each.ifname,
    up: each.flags.includes("UP"),
    addresses: each.addr_info
      .filter(({ family }) => family === "inet")
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  }));

type Address = { family: string; local: string; prefixlen: number };

/** The box's address behind its cable, without the length of the prefix; undefined if it has none. */
export const addressOf = (pid: number) =>
  interfaces(pid)
    .find(({ name, addresses }) => name !== "lo" && addresses.length > 0)
    ?.addresses[0]?.split("/")[0];

/** The gateway of the default route. */
export const gatewayOf = (pid: number): string | undefined =>
  ip(pid, "route show default").map(({ gateway }: { gateway?: string }) => gateway)[0];

/** Connects the host to a world, and returns the pid of a process out there. */
export const connectToWorld = async ({ host }: Pick<Scene, "host">) => {
  const world = await startWorld(host);
  const on = (pid: number, words: string) => ip(pid, words);
  const addresses = { [HOST]: host.pid, [WORLD]: world };
  execFileSync(
    "nsenter",
    inNet(host.pid, ...`ip link add up0 type veth peer name up0 netns ${world}`.split(" ")),
  );
  for (const [address, pid] of Object.entries(addresses)) {
    on(pid, `address add ${address}/24 dev up0`);
    on(pid, "link set lo up");
    on(pid, "link set up0 up");
  }
  on(host.pid, `route add default via ${WORLD}`);
  return world;
};

const startWorld = async (host: Machine) => {
  const server = await background(host.enter(["unshare", "--net", "sh", "-c", "echo ready; exec sleep 100"]));
  return children(server)[0]!;
};

/** Starts a process that lives on, when it has written something: its pid. */
const background = async ([command, ...args]: string[]) => {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
  const child = spawn(command!, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  child.unref();
  child.stdout.destroy();
  return child.pid!;
};

/** Starts a command in the network of a process, and waits until it says something. It dies with the host. */
export const serveBy = ({ host }: Pick<Scene, "host">, pid: number, ...command: string[]) =>
  background(["nsenter", `--target=${host.pid}`, "--pid", ...inNet(pid, ...command)]);

// Answers whoever calls, by TCP or UDP, with the address that the call came from.
const SERVER = `
  const [port, address] = process.argv.slice(1);
  require("net").createServer((socket) => socket.on("error", () => {}).end(socket.remoteAddress + "\\n"))
    .listen(port, address, () => {
      const udp = require("dgram").createSocket("udp4", (_, from) => udp.send(from.address + "\\n", from.port, from.address));
      udp.bind(port, address, () => console.log("ready"));
    });`;

/** Starts a server in the network of a process. */
export const serve = (scene: Pick<Scene, "host">, pid: number, port: number, address = "0.0.0.0") =>
  serveBy(scene, pid, process.execPath, "-e", SERVER, String(port), address);

export type Protocol = "tcp" | "udp";
const ASK = 'exec 3<>"/dev/$0/$1/$2" && echo "?" >&3 && timeout 2 dd bs=1500 count=1 status=none <&3';

/** Asks a server from the network of a process: its answer, or the error of the one who asked, or "no answer". */
export const ask = async (pid: number, protocol: Protocol, address: string, port: number) => {
  const command = ["timeout", "3", "bash", "-c", ASK, protocol, address, String(port)];
  const { stdout, stderr } = await promisify(execFile)("nsenter", inNet(pid, ...command)).catch(
    (error) => error,
  );
  return stdout.trim() || /: ([A-Z][\w ]+)$/m.exec(stderr)?.[1] || "no answer";
};
