// Step 6: bandwidth. Measured by what gets through: a busy host is slower than the limit, never faster.
import { readFileSync } from "node:fs";
import { check, inVain, lives, pause } from "./check.ts";
import { connectToWorld, serveBy, WORLD } from "./net.ts";

/** Bytes that came and went at the box's eth0: /proc/net/dev. */
const traffic = (pid: number) => {
  const [, numbers] = /^\s*eth0:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/net/dev`, "utf8"))!;
  const [received, , , , , , , , sent] = numbers!.trim().split(/\s+/).map(Number);
  return { received: received!, sent: sent! };
};

/** Megabits a second at eth0 over some seconds, past the first burst. */
const rates = async (pid: number, seconds: number) => {
  await pause(0.3);
  const [start, before] = [performance.now(), traffic(pid)];
  await pause(seconds);
  const [after, took] = [traffic(pid), (performance.now() - start) / 1000];
  const megabits = (bytes: number) => (bytes * 8) / 1e6 / took;
  return { received: megabits(after.received - before.received), sent: megabits(after.sent - before.sent) };
};

const slows = (direction: "received" | "sent", option: string, here: string, there: string) =>
  check({
    since: 6,
    title: `${option} 8mbit: no more than that is ${direction}`,
    run: lives(`{ ${here}; } >/dev/null 2>&1 &`),
    options: [option, "8mbit"],
    needs: ["bridge", "bandwidth"],
    before: async (scene) => {
      const world = await connectToWorld(scene);
      await serveBy(scene, world, "sh", "-c", `echo ready; ${there}`);
    },
    during: ({ box }) => rates(box, 1.2),
    holds: ({ during }) => during[direction] > 1 && during[direction] < 9.5,
    hint: ({ during }) =>
      `${during[direction].toFixed(1)} Mbit a second were ${direction}. A queue holds back what leaves an interface, not what arrives: at which end of the cable does this leave?`,
  });

export const checks = [
  slows(
    "sent",
    "--bandwidth-out",
    `nc ${WORLD} 7000 </dev/zero`,
    "sleep 60 | busybox nc -l -p 7000 >/dev/null",
  ),
  slows("received", "--bandwidth-in", `sleep 60 | nc ${WORLD} 7000`, "busybox nc -l -p 7000 </dev/zero"),

  inVain({
    since: 6,
    title: "root in the box cannot take the limit off its own interface",
    tries: "ip link set eth0 txqueuelen 5000 && echo changed; ip link del eth0 && echo deleted",
    options: ["--bandwidth-out", "8mbit"],
    needs: ["bridge", "bandwidth"],
    hint: ({ stdout }) =>
      `It did: ${stdout.trim()}. The interface is in the box's namespace: which capability may change it there?`,
  }),
];
