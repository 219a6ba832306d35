// Step 6: published ports. What comes for the host's port is for the box, wherever it comes from.
import { check, type Live, lives } from "./check.ts";
import { addressOf, ask, connectToWorld, HOST, type Protocol, serve } from "./net.ts";

interface Call {
  /** The process in whose network the caller is. */
  from: number;
  address: string;
}

/** A check that who calls port 8080 is answered from port 80 of the box. */
const answers = (
  protocol: Protocol,
  who: string,
  call: (live: Live, world: number) => Call | Promise<Call>,
  why: string,
) => {
  let world = 0;
  return check({
    since: 6,
    title: `--publish 8080:80${protocol === "udp" ? "/udp" : ""}: the box answers ${who}`,
    run: lives(),
    options: ["--publish", `8080:80${protocol === "udp" ? "/udp" : ""}`],
    needs: ["bridge"],
    before: async (scene) => {
      world = await connectToWorld(scene);
    },
    during: async (live) => {
      await serve(live, live.box, 80);
      const { from, address } = await call(live, world);
      return { said: await ask(from, protocol, address, 8080), address };
    },
    holds: ({ during }) => /^\d+\.\d+\.\d+\.\d+$/.test(during.said),
    hint: ({ during }) => `Port 8080 of ${during.address}, called by ${who}: ${during.said}. ${why}`,
  });
};

const SENT =
  "What the host itself sends comes in by no interface: it passes other hooks than what is passed on.";
const LOOPED =
  "The packet goes to an interface, with a source of 127.0.0.1, and the answer would go to the box itself. See route_localnet in ip-sysctl, and what becomes of the source.";
const BESIDE =
  "The answer goes from one box to the other directly, from an address that was never called. Who has to see it on its way?";

export const checks = [
  answers(
    "tcp",
    "the world",
    (_, world) => ({ from: world, address: HOST }),
    "Is the destination rewritten before the host decides whether the packet is for itself, and does it let it pass?",
  ),
  answers("tcp", "the host, at its address", ({ host }) => ({ from: host.pid, address: HOST }), SENT),
  answers("tcp", "the host, at 127.0.0.1", ({ host }) => ({ from: host.pid, address: "127.0.0.1" }), LOOPED),
  answers(
    "tcp",
    "another box",
    async ({ neighbour }) => ({ from: (await neighbour([])).box, address: HOST }),
    BESIDE,
  ),
  answers(
    "udp",
    "the world",
    (_, world) => ({ from: world, address: HOST }),
    "TCP and UDP have ports of their own: which one is asked for?",
  ),
  answers("udp", "the host, at 127.0.0.1", ({ host }) => ({ from: host.pid, address: "127.0.0.1" }), LOOPED),

  check({
    since: 6,
    title: "--publish 8080:80 publishes no other port, and not by UDP",
    run: lives(),
    options: ["--publish", "8080:80"],
    needs: ["bridge"],
    before: connectToWorld,
    during: async (live) => {
      await serve(live, live.box, 80);
      await serve(live, live.box, 81);
      const said = (protocol: Protocol, port: number) => ask(live.host.pid, protocol, HOST, port);
      return {
        tcp: await said("tcp", 81),
        udp: await said("udp", 8080),
        published: await said("tcp", 8080),
        box: addressOf(live.box),
      };
    },
    holds: ({ during }) =>
      [during.tcp, during.udp].every((said) => !/^\d/.test(said)) && /^\d/.test(during.published),
    hint: ({ during }) =>
      `Answers on the host: port 8080 by TCP ${during.published}, by UDP ${during.udp}; port 81 by TCP ${during.tcp}. Which packets does the rule match?`,
  }),
];
