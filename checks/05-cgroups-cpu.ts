// Step 5: CPU time, measured by the kernel's own account of it: a busy host makes a box slower, never faster.
import { cpuTime, groupFile, needsController } from "./cgroups.ts";
import { check, lives, pause } from "./check.ts";

const SPIN = "while :; do :; done";
const spins = lives(`{ ${SPIN}; } &`);
const unless = needsController("cpu");

/** What a box uses in some seconds, for each second of them. */
const share = async (box: number, seconds: number) => {
  const [start, used] = [performance.now(), cpuTime(box)];
  await pause(seconds);
  return (cpuTime(box) - used) / ((performance.now() - start) / 1000);
};

const throttled = (box: number) => Number(/^nr_throttled (\d+)/m.exec(groupFile(box, "cpu.stat") ?? "")?.[1]);

export const checks = [
  // A tenth of a CPU is to be had on the busiest host, so that it is the limit that holds the loop back.
  check({
    since: 5,
    title: "--cpus 0.1: a loop gets a tenth of one CPU's time, and is held back",
    run: spins,
    options: ["--cpus", "0.1"],
    unless,
    during: async ({ box }) => ({ share: await share(box, 2), throttled: throttled(box) }),
    holds: ({ during }) => during.share > 0.05 && during.share < 0.13 && during.throttled > 0,
    hint: ({ during }) =>
      `It used ${during.share.toFixed(2)} s of CPU time a second, and was held back ${during.throttled} times (nr_throttled in cpu.stat). The limit is a quota for each period: of what length, in which unit?`,
  }),

  check({
    since: 5,
    title: "--cpu-shares: of two boxes that want the same CPU, the one with four times the shares gets more",
    run: spins,
    options: ["--cpuset-cpus", "0", "--cpu-shares", "1024"],
    unless: () => unless() ?? needsController("cpuset")(),
    during: async ({ box, neighbour }) => {
      const other = await neighbour(["--cpuset-cpus", "0", "--cpu-shares", "256"], `{ ${SPIN}; } &`);
      const [heavy, light] = await Promise.all([share(box, 1.5), share(other.box, 1.5)]);
      return { heavy, light };
    },
    holds: ({ during }) => during.light > 0 && during.light / during.heavy < 0.5,
    hint: ({ during }) =>
      `With 1024 shares it got ${during.heavy.toFixed(2)} of the CPU, with 256 ${during.light.toFixed(2)}. Shares weigh groups of the same parent against each other: are they written, and side by side?`,
  }),
];
