// Step 6: the host's network afterwards. Interfaces, addresses, rules and settings are what they were.
import { killLauncher } from "./01-signals.ts";
import { check, lives, stays } from "./check.ts";
import type { Machine } from "./machine.ts";
import { ask, connectToWorld, HOST, serve } from "./net.ts";

// Somebody else's: docker, a firewall.
const THEIRS = `
  nft add table ip nat
  nft 'add chain ip nat POSTROUTING { type nat hook postrouting priority 100; }'
  nft add rule ip nat POSTROUTING ip saddr 198.51.100.0/24 counter masquerade
  nft add table inet firewall
  nft 'add chain inet firewall forward { type filter hook forward priority 0; policy accept; }'
  nft add rule inet firewall forward ip daddr 192.0.2.1 drop`;

const SEEN = {
  interfaces: "ip -brief link | cut -d' ' -f1 | cut -d@ -f1",
  addresses: "ip -oneline -4 address | cut -d'\\' -f1",
  routes: "ip route",
  "nft rules": "nft list ruleset",
  settings:
    "cd /proc/sys/net; grep -s . ipv4/ip_forward ipv*/conf/*/forwarding ipv*/conf/*/accept_* ipv4/conf/*/route_localnet",
};
type Kind = keyof typeof SEEN;

/** What the host knows of networks, each kind as text. */
const look = (host: Machine) =>
  Object.fromEntries(
    Object.entries(SEEN).map(([kind, command]) => [kind, host.run("sh", "-c", command)]),
  ) as Record<Kind, string>;

const withTheirs = async (scene: { host: Machine }) => {
  await connectToWorld(scene);
  scene.host.run("sh", "-ec", THEIRS);
  return look(scene.host);
};

type Look = ReturnType<typeof look>;
const changed = (before: Look, after: Look) =>
  (Object.keys(SEEN) as Kind[]).filter((kind) => before[kind] !== after[kind]);

/** The lines of `after` that were not there before, or else those that are missing. */
const difference = (before: Look, after: Look) => {
  const kind = changed(before, after)[0]!;
  const lines = (look: Look) => look[kind].split("\n").filter(Boolean);
  const fresh = lines(after).filter((line) => !lines(before).includes(line));
  const gone = lines(before).filter((line) => !lines(after).includes(line));
  const shown = (list: string[]) =>
    list
      .slice(0, 3)
      .map((line) => line.trim())
      .join("; ");
  return `The host's ${kind} are others: ${fresh.length > 0 ? `new is ${shown(fresh)}` : `gone is ${shown(gone)}`}.`;
};

const CLEARS = { since: 6, needs: ["bridge", "clears the network away"], before: withTheirs };

export const checks = [
  check<Look, unknown, Look>({
    ...CLEARS,
    title: "when the last box has ended, the host's interfaces, rules and settings are as before",
    run: ["true"],
    options: ["--publish", "8080:80", "--bandwidth-in", "10mbit"],
    after: ({ host }) => look(host),
    holds: ({ before, after, status }) => status === 0 && changed(before, after).length === 0,
    hint: ({ before, after, status }) =>
      status === 0
        ? `${difference(before, after)} Whatever was made for the box, somebody has to take away: who is the last to leave, and rules of whom may go?`
        : `The box did not run: it ended with ${status}.`,
  }),

  check<Look, unknown, Look>({
    ...CLEARS,
    title: "…also after kill -9 of the program and one more run",
    run: stays,
    options: ["--publish", "8080:80"],
    needs: [...CLEARS.needs, "ends with its launcher"],
    during: killLauncher,
    after: async ({ host, another }) => {
      const { status } = await another(["--publish", "8080:80"], ["true"]);
      if (status !== 0) throw new Error(`the next run, with the same port, ended with ${status}`);
      return look(host);
    },
    holds: ({ before, after }) => changed(before, after).length === 0,
    hint: ({ before, after }) =>
      `${difference(before, after)} The killed one could not clean up; by what can the next one tell its things from those of a box that lives?`,
  }),

  check({
    ...CLEARS,
    title: "a box that ends takes nothing from one that goes on",
    run: lives(),
    options: ["--publish", "8080:80"],
    during: async (live) => {
      await serve(live, live.box, 80);
      const asked = () => ask(live.host.pid, "tcp", HOST, 8080);
      const before = await asked();
      await live.another(["--publish", "8081:80"], ["true"]);
      return { before, after: await asked() };
    },
    holds: ({ during }) => /^\d/.test(during.after),
    hint: ({ during: { before, after } }) =>
      /^\d/.test(before)
        ? `A second box came and went; port 8080 of the host, which is port 80 of the first, then said: ${after}. What do two boxes share, and which of the rules are whose?`
        : `Port 8080 of the host, which is to be port 80 of the box, says: ${before}. Is it published at all?`,
  }),
];
