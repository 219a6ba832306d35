// A second module, because the host's end is one for all boxes: a bridge. Its subnet, the addresses in use and whose
// they are stand in the kernel's own list of interfaces, which cannot go stale.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { boxName, isAlive } from "../../lib/boxes.ts";
import { lockedFile } from "../../lib/lock.ts";
import { machineRuntime } from "../../lib/paths.ts";
import { UsageError } from "../../lib/report.ts";
import { freeSubnet, hasIpv6, ipv4, ipv6, mac } from "../../lib/subnet.ts";
import { restoreSysctls, saveSysctls, setSysctl, sysctl, sysctls } from "../../lib/sysctl.ts";
import { runTool } from "../../lib/tools.ts";
import { BRIDGE, hasTable, makeTable, removeTable, unpublish } from "./publish.ts";

const GROUP = String(0xb0c5); // marks an interface as ours: `ip link show group 45253`

const ip = (...lines: string[]): string => runTool(["ip", "-batch", "-"], lines);

// #region bridge
function makeBridge(): string {
  const subnet = freeSubnet();
  restoreSysctls(savedSysctls()); // if somebody has deleted the bridge
  saveSysctls(savedSysctls(), [...general, ...perInterface.flatMap(sysctls)]);
  makeTable(`${ipv4(subnet, 0)}/24`, `${ipv6(subnet, 0)}/64`); // first, as it is what a kernel may lack
  ip(
    // Without a MAC of its own it takes the lowest of its ports', another one whenever ports come and go.
    `link add ${BRIDGE} group ${GROUP} address ${mac(subnet, 1)} type bridge`,
    `link set ${BRIDGE} alias ${subnet}`,
    `addr add ${ipv4(subnet, 1)}/24 dev ${BRIDGE}`,
    ...(hasIpv6() ? [`addr add ${ipv6(subnet, 1)}/64 dev ${BRIDGE} nodad`] : []),
    `link set ${BRIDGE} up`,
  );
  startForwarding();
  return subnet;
}

// A host drops what is not for it, until told to forward. That changes more settings than one: all are saved before.
const general = ["ipv4/ip_forward", "ipv4/conf/all/accept_redirects", "ipv6/conf/all/forwarding"];
const ACCEPT_RA = "ipv6/conf/*/accept_ra";
const perInterface = ["ipv4/conf/*/forwarding", "ipv6/conf/*/forwarding", ACCEPT_RA];

function startForwarding(): void {
  setSysctl("ipv4/ip_forward", "1");
  // Else the answer of a port published on 127.0.0.1, coming in for that address, is a Martian.
  setSysctl(`ipv4/conf/${BRIDGE}/route_localnet`, "1");
  if (!hasIpv6()) return;
  // An IPv6 router does not listen to other routers unless this is 2: the host would lose its own default route.
  setSysctl(`ipv6/conf/${BRIDGE}/accept_ra`, "0"); // and never to a box
  for (const key of sysctls(ACCEPT_RA)) if (sysctl(key) === "1") setSysctl(key, "2");
  setSysctl("ipv6/conf/all/forwarding", "1");
}

/** Of this network namespace. In one place whatever BOX_RUNTIME says: the last box to leave need not be the first. */
const savedSysctls = (): string => join(machineRuntime, `sysctl-${statSync("/proc/self/ns/net").ino}.json`);

function tearDown(all: Interface[]): void {
  restoreSysctls(savedSysctls());
  if (all.length > 0) runTool(["ip", "link", "del", "group", GROUP]);
  removeTable();
}
// #endregion

// #region sweep
type Interface = { ifname: string; ifalias?: string };

const interfaces = (): Interface[] =>
  JSON.parse(runTool(["ip", "-j", "link", "show", "group", GROUP]) || "[]").filter(
    ({ ifname }: Interface) => ifname,
  );

/** Whose boxes are plugged in: the alias of an interface tells. */
const owners = (all: Interface[]): string[] =>
  all.flatMap(({ ifname, ifalias }) => (ifname !== BRIDGE && ifalias && isAlive(ifalias) ? [ifalias] : []));

/** One launcher at a time. Each network namespace has a file of that name. */
const locked = <T>(work: () => T): T => lockedFile("/proc/sys/net/ipv4/ip_forward", work);

/** Removes what launchers left that were killed. Returns what is left of interfaces. */
function sweepLocked(): Interface[] {
  const all = interfaces();
  if (owners(all).length > 0) {
    unpublish((name) => !isAlive(name));
    return all;
  }
  if (all.length > 0) tearDown(all);
  return [];
}

/** Also what is left when somebody has deleted the bridge alone. */
export const sweepBridge = (): void =>
  locked(() => {
    if (sweepLocked().length === 0 && hasTable()) tearDown([]);
  });

/** What sweepBridge removes when no box lives. */
export const leftOnBridge = (): string[] =>
  locked(() => {
    const all = interfaces();
    if (owners(all).length > 0) return [];
    const table = hasTable() ? [`nft table inet ${BRIDGE}`] : [];
    const made = [...all.map(({ ifname }) => `interface ${ifname}`), ...table];
    return made.length > 0 && existsSync(savedSysctls()) ? [...made, "changed network settings"] : made;
  });
// #endregion

// #region plug
/** Connects the network namespace of `pid` to the bridge. There the interface is eth0, here it is `device`. */
export const plug = (pid: number): { subnet: string; host: number; device: string } =>
  locked(() => {
    const all = sweepLocked();
    const subnet = all.find(({ ifname }) => ifname === BRIDGE)?.ifalias ?? makeBridge();
    const host = freeHost(all);
    if (!host)
      throw new UsageError(
        `--network bridge: all 253 addresses of ${subnet}.0/24 are taken: end a box first`,
      );
    const device = `${BRIDGE}-${host}`;
    ip(
      `link add ${device} group ${GROUP} master ${BRIDGE} up type veth peer name eth0 address ${mac(subnet, host)} netns ${pid}`,
      `link set ${device} alias ${boxName()}`,
      // Where bridges pass packets to the NAT rules (br_netfilter), a box's call to its own published port would have
      // to leave the bridge where it came in.
      `link set ${device} type bridge_slave hairpin on`,
    );
    return { subnet, host, device };
  });

/** An address is taken as long as an interface bears its number, and the kernel lets no two bear the same name. */
function freeHost(all: Interface[]): number | undefined {
  const taken = new Set(all.map(({ ifname }) => ifname));
  return Array.from({ length: 253 }, (_, i) => i + 2).find((host) => !taken.has(`${BRIDGE}-${host}`));
}
// #endregion

// #region unplug
/**
 * Our box has ended. Its interface goes with its network namespace, without us, who would wait 40 ms for it; the last
 * box takes the rest along.
 */
export const unplug = (): void =>
  locked(() => {
    const all = interfaces();
    const me = boxName();
    if (owners(all).every((name) => name === me)) return tearDown(all);
    unpublish((name) => name === me);
    // The next to leave must not take us for alive. No error if the interface is gone this moment.
    const mine = all.find(({ ifalias }) => ifalias === me);
    if (mine) spawnSync("ip", ["link", "set", mine.ifname, "alias", ""]);
  });
// #endregion
