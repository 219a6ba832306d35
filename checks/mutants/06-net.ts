import { type Mutant, mutant } from "./mutant.ts";

const NETWORK = "06-net/network.ts";
const BRIDGE = "06-net/bridge.ts";
const PUBLISH = "06-net/publish.ts";

export const mutants: Mutant[] = [
  mutant(
    "no network namespace",
    [
      NETWORK,
      'network.kind === "none" || network.kind === "bridge" ? CLONE_NEWNET : 0',
      'network.kind === "bridge" ? CLONE_NEWNET : 0',
    ],
    "--network none: lo alone",
    /It is in the host's network/,
  ),
  mutant(
    "lo stays down",
    [NETWORK, '    "link set lo up",\n    "link', '    "link'],
    "in it are lo and eth0",
    /lo \(down\).*born with a lo that is down/,
  ),
  mutant(
    "both ends of the cable stay on the host",
    [BRIDGE, "address ${mac(subnet, host)} netns ${pid}", "address ${mac(subnet, host)}"],
    "in it are lo and eth0",
    /Cannot find device "eth0"/,
  ),
  mutant(
    "no default route",
    [NETWORK, "    `route add default via ${ipv4(subnet, 1)}`,\n", ""],
    "the default route leads to the host",
    /default route goes to nobody/,
  ),
  mutant(
    "the host does not pass on",
    [BRIDGE, '  setSysctl("ipv4/ip_forward", "1");\n', ""],
    "the box reaches the world",
    /ip_forward is 0 after the run.*a host that passes on/,
  ),
  mutant(
    "no masquerade",
    [PUBLISH, '    oifname != "${BRIDGE}" ip saddr ${subnet4} masquerade\n', ""],
    "out there the box speaks in the host's name",
    /knows a way to the box's own address: who rewrites it/,
  ),
  mutant(
    "published in OUTPUT only",
    [PUBLISH, "hook prerouting priority -100; jump publish;", "hook prerouting priority -100;"],
    "--publish 8080:80: the box answers the world",
    /before the host decides whether the packet is for itself/,
  ),
  mutant(
    "published in PREROUTING only",
    [PUBLISH, "hook output priority -100; jump publish;", "hook output priority -100;"],
    "the box answers the host, at its address",
    /comes in by no interface: it passes other hooks/,
  ),
  mutant(
    "127.0.0.1 is no address to answer to",
    [BRIDGE, '  setSysctl(`ipv4/conf/${BRIDGE}/route_localnet`, "1");\n', ""],
    "--publish 8080:80: the box answers the host, at 127.0.0.1",
    /See route_localnet/,
  ),
  mutant(
    "the incoming limit is at the wrong end",
    [
      NETWORK,
      'runTool(["tc", "-batch", "-"], [shape(device, bandwidthIn)])',
      'inBox(pid, "tc", [shape("eth0", bandwidthIn)])',
    ],
    "--bandwidth-in 8mbit",
    /at which end of the cable does this leave/,
  ),
  mutant(
    "nobody takes the bridge away",
    [NETWORK, "  atExit(unplug);\n", ""],
    "when the last box has ended",
    /interfaces are others: new is .*who is the last to leave/,
  ),
];
