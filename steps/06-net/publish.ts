// A third module, because packets are not interfaces: what the kernel does to them on their way, told in a table of
// our own. Rules of others are never touched.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { createServer, isIP } from "node:net";
import { boxName } from "../../lib/boxes.ts";
import { UsageError } from "../../lib/report.ts";
import { runTool } from "../../lib/tools.ts";
import { expected } from "../../lib/values.ts";

/** What the bridge is called, and the table too. */
export const BRIDGE = "box0";
const TABLE = `inet ${BRIDGE}`;
const nft = (...lines: string[]): string => runTool(["nft", "-f", "-"], lines);

// #region table
/** The ways out and in, for the boxes behind the bridge. */
export const makeTable = (subnet4: string, subnet6: string): string =>
  nft(`
add table ${TABLE}
delete table ${TABLE} # one may be left whose bridge somebody has deleted
table ${TABLE} {
  # protocol, address and port of the host → address and port of a box
  map published { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; flags interval; }
  map published6 { type inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service; flags interval; }

  chain publish {
    meta l4proto { tcp, udp } fib daddr type local dnat ip to meta l4proto . ip daddr . th dport map @published
    meta l4proto { tcp, udp } ip6 daddr != ::1 fib daddr type local dnat ip6 to meta l4proto . ip6 daddr . th dport map @published6
  }
  chain prerouting { type nat hook prerouting priority -100; jump publish; }
  # What the host itself sends does not pass prerouting.
  chain output { type nat hook output priority -100; jump publish; }

  chain postrouting {
    type nat hook postrouting priority 100;
    # Nobody out there knows the way to a box: it speaks in the host's name.
    oifname != "${BRIDGE}" ip saddr ${subnet4} masquerade
    oifname != "${BRIDGE}" ip6 saddr ${subnet6} masquerade
    # 127.0.0.1 in a box is the box, and a box answers its neighbour directly: both would go astray.
    oifname "${BRIDGE}" ct status dnat ip saddr { 127.0.0.0/8, ${subnet4} } masquerade
    oifname "${BRIDGE}" ct status dnat ip6 saddr ${subnet6} masquerade
  }

  chain forward {
    type filter hook forward priority 0;
    # From outside: answers, and what is published.
    iifname != "${BRIDGE}" oifname "${BRIDGE}" ct state established,related accept
    iifname != "${BRIDGE}" oifname "${BRIDGE}" ct status dnat accept
    iifname != "${BRIDGE}" oifname "${BRIDGE}" drop
  }

  # route_localnet lets a box send to 127.0.0.1 of the host, and from it, where many things listen that trust it.
  chain raw { type filter hook prerouting priority -300; iifname "${BRIDGE}" ip daddr 127.0.0.0/8 drop; iifname "${BRIDGE}" ip saddr 127.0.0.0/8 drop; }
}`);

// Deleting what is not there is an error; adding what is there is none.
export const removeTable = (): string => nft(`add table ${TABLE}`, `delete table ${TABLE}`);

export const hasTable = (): boolean =>
  runTool(["nft", "list", "tables"]).split("\n").includes(`table ${TABLE}`);
// #endregion

// #region publish
export type Port = { address: string | undefined; protocol: "tcp" | "udp"; host: number; box: number };

/** From now on what comes for the ports is for the box. Each element bears the box's name, to be found again. */
export function publish(ports: Port[], ipv4: string, ipv6: string | undefined): void {
  const elements = ports.flatMap((port) => {
    const family = isIP(port.address ?? ""); // 0: both
    const v4 = element("published", "0.0.0.0", port, ipv4);
    const v6 = element("published6", "::", port, ipv6 ?? "");
    return [...(family === 6 ? [] : [v4]), ...(family === 4 || !ipv6 ? [] : [v6])];
  });
  if (elements.length > 0) nft(...elements);
}

/** No packet is sent to the address `any`: who listens there means each. */
function element(map: string, any: string, { protocol, address = any, host, box }: Port, to: string): string {
  const at = address === any ? `${any}/0` : address;
  return `add element ${TABLE} ${map} { ${protocol} . ${at} . ${host} comment "${boxName()}" : ${to} . ${box} }`;
}

/** Deletes the elements of the boxes whose name is `gone`. */
export function unpublish(gone: (name: string) => boolean): void {
  const elements = nft(`list table ${TABLE}`).matchAll(/(\w+ \. (\S+) \. \d+) comment "([\d-]+)"/g);
  const deletions = [...elements]
    .filter(([, , , name]) => gone(name!))
    .map(([, key, address]) => [address!.includes(":") ? "published6" : "published", key])
    .map(([map, key]) => `delete element ${TABLE} ${map} { ${key} }`);
  if (deletions.length > 0) nft(...deletions);
}
// #endregion

// #region drop
/**
 * Says so if another table drops what is forwarded, unless it has a rule about us. Every table's chains see a packet,
 * and one drop is final: an accept of ours cannot overrule it.
 */
export function tellWhoDrops(): void {
  const { nftables }: { nftables: { chain?: Chain }[] } = JSON.parse(
    runTool(["nft", "-j", "list", "chains"]),
  );
  for (const { chain } of nftables) {
    if (chain?.hook !== "forward" || chain.policy !== "drop" || knowsUs(chain)) continue;
    const name = `${chain.family} ${chain.table} ${chain.name}`;
    writeSync(
      2,
      `box: chain ${name} drops what passes through this host (docker or a firewall made it), the box's packets too; ` +
        `to let them: nft insert rule ${name} iifname ${BRIDGE} accept, and the same with oifname\n`,
    );
  }
}

const knowsUs = ({ family, table }: Chain): boolean =>
  runTool(["nft", "list", "table", family, table]).includes(`"${BRIDGE}"`);

type Chain = { family: string; table: string; name: string; hook?: string; policy?: string };
// #endregion

// #region ports
/** `8080:80`, `127.0.0.1:8080:80/udp`, `[2001:db8::1]:8080:80` */
export function parsePort(given: string, name: string): Port {
  const [, bracketed, plain, host, box, protocol = "tcp"] =
    /^(?:(?:\[(.+)\]|([\d.]+)):)?(\d+):(\d+)(?:\/(tcp|udp))?$/.exec(given) ?? [];
  const address = bracketed ?? plain;
  const valid = [host, box].every((port) => Number(port) >= 1 && Number(port) <= 65535);
  if (!valid || (address !== undefined && isIP(address) === 0))
    throw expected("[ADDRESS:]HOST:BOX[/udp] with ports from 1 to 65535", given, name);
  if (address === "::1")
    throw expected("an address other than ::1, which packets to a box cannot bear", given, name);
  return { address, protocol: protocol as Port["protocol"], host: Number(host), box: Number(box) };
}

/** Binds the ports on the host: nobody else can then, and if somebody has already, that is the error. */
export async function reserve(ports: Port[]): Promise<void> {
  for (const { protocol, address = "0.0.0.0", host } of ports) {
    const socket = protocol === "tcp" ? createServer() : createSocket(isIP(address) === 6 ? "udp6" : "udp4");
    const listening = once(socket, "listening");
    if ("listen" in socket) socket.listen(host, address);
    else socket.bind(host, address);
    await listening.catch(({ code }) => {
      const reason = code === "EADDRINUSE" ? "is taken: ss -ltunp tells by whom" : `cannot be had (${code})`;
      throw new UsageError(`--publish: port ${host}/${protocol} of ${address} ${reason}`);
    });
    socket.unref();
  }
}
// #endregion
