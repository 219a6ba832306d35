// Addresses: a range that nothing on this host uses, and those in it.
import { UsageError } from "./report.ts";
import { sysctl } from "./sysctl.ts";
import { runTool } from "./tools.ts";

// Private ones, RFC 1918, away from where docker, libvirt and home routers begin.
const candidates = ["10.44", "172.29", "192.168"].flatMap((start) =>
  Array.from({ length: 256 }, (_, i) => `${start}.${i}`),
);

/** The first three bytes of a /24 that has no address in common with any route of the host: `10.44.0`. */
export function freeSubnet(): string {
  const routes: { dst: string }[] = JSON.parse(runTool(["ip", "-4", "-j", "route", "show", "table", "all"]));
  const taken = routes.filter(({ dst }) => /^\d/.test(dst)).map(({ dst }) => bits(dst));
  const free = candidates.find((subnet) => {
    const own = bits(`${subnet}.0/24`);
    return !taken.some((each) => each.startsWith(own) || own.startsWith(each));
  });
  if (free) return free;
  throw new UsageError(
    "--network bridge: no subnet is free, the host has routes to all of 10.44, 172.29 and 192.168",
  );
}

/** `10.0.0.0/8` → `00001010`: a network contains another if the other's bits begin with its own. */
function bits(network: string): string {
  const [address = "", length = "32"] = network.split("/");
  const bytes = address.split(".").map((byte) => Number(byte).toString(2).padStart(8, "0"));
  return bytes.join("").slice(0, Number(length));
}

/** The addresses of host 1 (the bridge) to 254 in a subnet, which is named by its first three bytes. */
export const ipv4 = (subnet: string, host: number): string => `${subnet}.${host}`;

/** A unique local address made of the same bytes: RFC 4193. 62 6f 78 is "box". */
export function ipv6(subnet: string, host: number): string {
  const [a = 0, b = 0, c = 0] = subnet.split(".").map(Number);
  return `fd62:6f78:${((a << 8) | b).toString(16)}:${c.toString(16)}::${host.toString(16)}`;
}

/** Who gets an address that was another's gets its MAC too, so that what neighbours remember (ARP) stays true. */
export const mac = (subnet: string, host: number): string =>
  [0x02, 0x62, ...ipv4(subnet, host).split(".")]
    .map((byte) => Number(byte).toString(16).padStart(2, "0"))
    .join(":");

/** Whether new interfaces of this host get IPv6. */
export const hasIpv6 = (): boolean => sysctl("ipv6/conf/default/disable_ipv6") === "0";
