// What step 6 adds: a network of its own, the way out of it and the way in, and the names of others.
import { statSync } from "node:fs";
import { isIP } from "node:net";
import { list, type Values, value } from "../../lib/cli.ts";
import { addHost, boxResolvConf, hostResolvConf, makeNameFiles } from "../../lib/names.ts";
import { atExit, UsageError } from "../../lib/report.ts";
import { hasIpv6, ipv4, ipv6 } from "../../lib/subnet.ts";
import { needTools, runTool } from "../../lib/tools.ts";
import { expected } from "../../lib/values.ts";
import { CLONE_NEWNET, open, type Recipe, setns } from "../../native/index.ts";
import type { Volume } from "../04-mnt-chroot/rootfs.ts";
import { plug, unplug } from "./bridge.ts";
import { parsePort, publish, reserve, tellWhoDrops } from "./publish.ts";

export const networkOptions = {
  network: {
    value: "none|host|bridge|container:PID",
    help: "whose network the box is in (default: bridge)",
    read: (given: string[], name: string) => parseNetwork(given.at(-1) ?? "bridge", name),
  },
  publish: list("[ADDRESS:]HOST:BOX[/udp]", "port HOST of the host is port BOX of the box", parsePort),
  dns: list("ADDRESS", "name server (default: the host's)", parseAddress),
  bandwidthIn: value("RATE", "what the box may receive at most, in units of tc(8): 10mbit", parseRate),
  bandwidthOut: value("RATE", "what the box may send at most", parseRate),
};

type Network = { kind: string; pid?: number };
type Options = Values<typeof networkOptions> & { hostname: string };

// #region prepare
/** Looks for all that can be wrong before anything is made, and holds the ports to publish. */
export async function prepareNetwork({ network: { kind }, ...options }: Options): Promise<void> {
  const shaped = options.bandwidthIn || options.bandwidthOut;
  if (kind !== "bridge" && (shaped || options.publish.length > 0))
    throw new UsageError(
      "--publish, --bandwidth-in and --bandwidth-out are about a cable to the host: they take --network bridge",
    );
  if (kind === "bridge") needTools("ip", "nsenter", "nft");
  if (kind === "none") needTools("ip", "nsenter");
  if (shaped) needTools("tc");
  await reserve(options.publish);
}

// #endregion

// #region kinds
/** Flag for clone: a network namespace is born empty, but for a loopback interface that is down. */
export const newNetwork = ({ network }: Options): number =>
  network.kind === "none" || network.kind === "bridge" ? CLONE_NEWNET : 0;

/** Recipe: moves into the network namespace of another process, if that was asked for. */
export function joinNetwork({ network }: Options): Recipe {
  if (network.pid === undefined) return [];
  const namespace = open(`/proc/${network.pid}/ns/net`, 0);
  return [namespace, setns(namespace, CLONE_NEWNET)];
}
// #endregion

// #region parse
function parseNetwork(given: string, name: string): Network {
  if (["none", "host", "bridge"].includes(given)) return { kind: given };
  const pid = Number(/^container:([1-9]\d*)$/.exec(given)?.[1]);
  if (!pid) throw expected("none, host, bridge or container:PID", given, name);
  const namespace = statSync(`/proc/${pid}/ns/net`, { throwIfNoEntry: false });
  if (!namespace) throw expected("the pid, here on the host, of a process in a box", given, name);
  if (namespace.ino === statSync("/proc/self/ns/net").ino)
    throw new UsageError(
      `--${name}: process ${pid} is in the host's network: name one in a box, or say host`,
    );
  return { kind: "container", pid };
}
// #endregion

// #region connect
/** Runs ip or tc in the network namespace of `pid`: setns(2), then exec. */
const inBox = (pid: number, tool: "ip" | "tc", lines: string[]): string =>
  runTool(["nsenter", "-t", `${pid}`, "-n", tool, "-batch", "-"], lines);

/** Connects the box, whose first process is `pid` and waits. What is made on the host for it goes when we end. */
export function connect(pid: number, options: Options): void {
  const { kind } = options.network;
  const addresses = kind === "bridge" ? connectToBridge(pid, options) : ["127.0.0.1"];
  if (kind === "none") inBox(pid, "ip", ["link set lo up"]);
  for (const address of addresses) addHost(address, options.hostname);
}

function connectToBridge(pid: number, { publish: ports, bandwidthIn, bandwidthOut }: Options): string[] {
  atExit(unplug);
  const { subnet, host, device } = plug(pid);
  const [v4, v6] = [ipv4(subnet, host), ...(hasIpv6() ? [ipv6(subnet, host)] : [])];
  inBox(pid, "ip", [
    "link set lo up",
    "link set eth0 up",
    `addr add ${v4}/24 dev eth0`,
    `route add default via ${ipv4(subnet, 1)}`,
    ...(v6 ? [`addr add ${v6}/64 dev eth0 nodad`, `route add default via ${ipv6(subnet, 1)}`] : []),
  ]);
  // A queue is only where packets leave: what the box receives leaves the host's end.
  if (bandwidthIn) runTool(["tc", "-batch", "-"], [shape(device, bandwidthIn)]);
  if (bandwidthOut) inBox(pid, "tc", [shape("eth0", bandwidthOut)]);
  publish(ports, v4, v6);
  tellWhoDrops();
  return v6 ? [v4, v6] : [v4];
}

/** tc-tbf(8): a bucket of `burst` bytes that fills at the rate. A packet leaves when it can pay with its length. */
const shape = (device: string, bits: number): string =>
  `qdisc add dev ${device} root tbf rate ${bits}bit burst ${Math.max(16_384, Math.ceil(bits / 8 / 100))} latency 100ms`;
// #endregion

// #region names
/** /etc/resolv.conf, /etc/hosts and /etc/hostname. Where the image has a symbolic link, the mount covers it. */
export function nameFiles({ hostname, network, dns }: Options): Volume[] {
  const asHost = ["host", "none"].includes(network.kind) && dns.length === 0;
  const resolvConf = asHost ? hostResolvConf() : boxResolvConf(dns);
  return makeNameFiles(hostname, resolvConf).map((file) => ({ ...file, readOnly: false }));
}
// #endregion

function parseAddress(given: string, name: string): string {
  if (isIP(given) === 0) throw expected("an address, as in 9.9.9.9", given, name);
  return given;
}

/** In bits a second. tc(8): kbit is 1000 bits, kibit 1024, and bps are bytes. */
function parseRate(given: string, name: string): number {
  const [, number, unit = "", binary, kind = "bit"] =
    /^(\d+(?:\.\d+)?)([kmgt]?)(i?)(bit|bps)?$/i.exec(given) ?? [];
  const scale = (binary ? 1024 : 1000) ** Math.max(0, " kmgt".indexOf(unit.toLowerCase()));
  const bits = Math.round(Number(number) * (unit ? scale : 1) * (/bps/i.test(kind) ? 8 : 1));
  if (!(bits >= 8000 && bits <= 1e12))
    throw expected("a rate from 8kbit to 1tbit, as in 10mbit", given, name);
  return bits;
}
