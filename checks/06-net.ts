// Step 6: a network of its own, and the way out of it.
import { numbersOf } from "./03-pid.ts";
import { check, inVain, lives } from "./check.ts";
import type { Machine } from "./machine.ts";
import { addressOf, ask, connectToWorld, gatewayOf, HOST, interfaces, serve, WORLD } from "./net.ts";
import { namespace } from "./proc.ts";

const PING = "ping -c 1 -W 3";

/** The part of an address that names the network. */
const network = (address: string, length: number) =>
  address
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("")
    .slice(0, length);

/** Whether `address` is in the network of an interface that has `own`, as in `10.1.2.3/24`. */
const isBeside = (address: string, own: string) => {
  const [local, length] = own.split("/");
  return network(address, Number(length)) === network(local!, Number(length));
};

/** The number that a process has on the host: in the host's pid namespace. */
const numberOn = (host: Machine, pid: number) => numbersOf(pid)[numbersOf(host.pid).length - 1];

export const checks = [
  check({
    since: 6,
    title: "the box has a network namespace of its own",
    run: lives(),
    needs: ["bridge"],
    during: ({ box, launcher }) => ({ box: namespace(box, "net"), host: namespace(launcher, "net") }),
    holds: ({ during }) => during.box !== during.host,
    hint: ({ during }) => `Box and host are both in ${during.host}: network_namespaces(7) has the flag.`,
  }),

  check({
    since: 6,
    title: "in it are lo and eth0, and both are up",
    run: lives(),
    needs: ["bridge"],
    during: ({ box }) => interfaces(box),
    holds: ({ during }) => during.map(({ name, up }) => up && name).join() === "lo,eth0",
    hint: ({ during }) =>
      `Its interfaces: ${during.map(({ name, up }) => `${name} (${up ? "up" : "down"})`).join(", ")}. A network namespace is born with a lo that is down. A cable has two ends: which one goes where, and under which name?`,
  }),

  check({
    since: 6,
    title: "eth0 has an address, in a network that the host has an address in",
    run: lives(),
    needs: ["bridge"],
    during: ({ box, host }) => ({ box: addressOf(box), host: interfaces(host.pid) }),
    holds: ({ during: { box, host } }) =>
      box !== undefined &&
      host.some(({ name, addresses }) => name !== "lo" && addresses.some((own) => isBeside(box, own))),
    hint: ({ during: { box, host } }) =>
      `The box's address: ${box ?? "none"}; the host's: ${host.map(({ name, addresses }) => `${name} ${addresses.join(" ") || "-"}`).join(", ")}. Two who are to talk directly need addresses of one network.`,
  }),

  check({
    since: 6,
    title: "the default route leads to the host",
    run: lives(),
    needs: ["bridge"],
    during: ({ box, host }) => ({
      gateway: gatewayOf(box),
      host: interfaces(host.pid).flatMap(({ addresses }) => addresses.map((each) => each.split("/")[0])),
    }),
    holds: ({ during: { gateway, host } }) => gateway !== undefined && host.includes(gateway),
    hint: ({ during: { gateway, host } }) =>
      `The box's default route goes to ${gateway ?? "nobody"}; the host has ${host.join(", ")}. Whoever is to pass packets on must be reachable without being passed on.`,
  }),

  check({
    since: 6,
    title: "the box reaches itself, by 127.0.0.1",
    run: ["sh", "-c", `${PING} 127.0.0.1 | grep -c ' 0% packet loss'`],
    holds: ({ stdout }) => stdout === "1\n",
    hint: ({ stderr }) => `No answer. ${stderr.trim()} Is lo up?`,
  }),

  check({
    since: 6,
    title: "the box reaches the world: ping",
    run: ["sh", "-c", `${PING} ${WORLD} | grep -c ' 0% packet loss'`],
    needs: ["bridge"],
    before: connectToWorld,
    holds: ({ stdout }) => stdout === "1\n",
    hint: ({ host }) =>
      `No answer from ${WORLD}, which the host reaches. On the host, ip_forward is ${host.run("cat", "/proc/sys/net/ipv4/ip_forward")} after the run. Three must be right: the way there, a host that passes on, and an answer that finds its way back.`,
  }),

  check({
    since: 6,
    title: "out there the box speaks in the host's name",
    run: lives(),
    needs: ["bridge"],
    before: async (scene) => {
      const world = await connectToWorld(scene);
      await serve(scene, world, 7000);
    },
    during: ({ box }) => ask(box, "tcp", WORLD, 7000),
    holds: ({ during }) => during === HOST,
    hint: ({ during }) =>
      `A server of the world's was called from ${during}; expected was ${HOST}, the host. Nobody out there knows a way to the box's own address: who rewrites it, and on which packets?`,
  }),

  check({
    since: 6,
    title: "two boxes have different addresses, and reach each other",
    run: lives(),
    needs: ["bridge"],
    during: async ({ box, neighbour, another }) => {
      const other = await neighbour([]);
      const addresses = [addressOf(box), addressOf(other.box)];
      const { stdout } = await another(
        [],
        ["sh", "-c", `for a in ${addresses.join(" ")}; do ${PING} $a; done`],
      );
      return { addresses, answers: stdout.split(" 0% packet loss").length - 1 };
    },
    holds: ({ during: { addresses, answers } }) => addresses[0] !== addresses[1] && answers === 2,
    hint: ({ during: { addresses, answers } }) =>
      addresses[0] === addresses[1]
        ? `Both have ${addresses[0]}. Where is noted which addresses are in use, by boxes that live?`
        : `They have ${addresses.join(" and ")}; a third box reached ${answers} of the two. What joins the hosts' ends of all cables?`,
  }),

  inVain({
    since: 6,
    title: "what listens on the host's 127.0.0.1 is not reached from the box",
    needs: ["bridge"],
    tries: "echo | nc -w 2 127.0.0.1 9999",
    before: (scene) => serve(scene, scene.host.pid, 9999, "127.0.0.1"),
    hint: ({ stdout }) =>
      `It was, and saw ${stdout.trim()}. Much listens there that trusts whoever can reach it: databases, a browser's debugger. A root of its own does not help; whose loopback is it?`,
  }),

  check({
    since: 6,
    title: "--network none: lo alone, up, and no route",
    run: lives(),
    options: ["--network", "none"],
    during: ({ box, launcher }) => ({
      interfaces: interfaces(box),
      route: gatewayOf(box),
      own: namespace(box, "net") !== namespace(launcher, "net"),
    }),
    holds: ({ during }) =>
      during.own && during.interfaces.map(({ name, up }) => up && name).join() === "lo" && !during.route,
    hint: ({ during }) =>
      during.own
        ? `In its network are ${during.interfaces.map(({ name, up }) => `${name} (${up ? "up" : "down"})`).join(", ")}; default route: ${during.route ?? "none"}.`
        : "It is in the host's network.",
  }),

  check({
    since: 6,
    title: "--network host: the host's own",
    run: lives(),
    options: ["--network", "host"],
    during: ({ box, launcher }) => ({ box: namespace(box, "net"), host: namespace(launcher, "net") }),
    holds: ({ during }) => during.box === during.host,
    hint: ({ during }) => `The box is in ${during.box}, the host in ${during.host}.`,
  }),

  check({
    since: 6,
    title: "--network container:PID: the network of another box, with its address",
    run: lives(),
    options: ["--network", "none"],
    during: async ({ box, launcher, host, another }) => {
      const { stdout, stderr } = await another(
        ["--network", `container:${numberOn(host, box)}`],
        ["readlink", "/proc/self/ns/net"],
      );
      return { other: stdout.trim(), box: namespace(box, "net"), host: namespace(launcher, "net"), stderr };
    },
    holds: ({ during }) => during.other === during.box && during.other !== during.host,
    hint: ({ during }) =>
      `The first box is in ${during.box}; asked for that one's, the second is in ${during.other || "none"}. ${during.stderr.trim()} setns(2) takes a descriptor of /proc/PID/ns/net: from whose /proc, and opened when?`,
  }),
];
