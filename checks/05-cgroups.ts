// Step 5: a control group of its own, from the first instruction to the end, and no way to change it from inside.
import { killLauncher } from "./01-signals.ts";
import { groupsOf, needsController } from "./cgroups.ts";
import { type Check, check, inVain, lives, type Scene, stays } from "./check.ts";
import { mounts, namespace } from "./proc.ts";

/** The controllers that make a box's limits, as trees of version 1 name them; version 2 has one tree, without a name. */
const LIMITING = ["", "cpu", "memory", "pids"];

/** The trees in which two processes are in the same group. */
const shared = (one: number, other: number) => {
  const theirs = groupsOf(other);
  return groupsOf(one).filter(
    ({ controllers, path }) =>
      controllers.split(",").some((each) => LIMITING.includes(each)) &&
      theirs.some((group) => group.controllers === controllers && group.path === path),
  );
};

/** Each once: in version 1 a group has a directory in every tree. */
const listed = (items: string[]) => [...new Set(items)].join(" ") || "none";
const unified = () => groupsOf(process.pid).length === 1;

const goesAway = (title: string, ending: number, rest: Pick<Check, "run" | "needs" | "during">) =>
  check<string[], unknown, string[]>({
    ...(rest as object),
    run: rest.run,
    since: 5,
    title,
    needs: ["removes its groups", ...(rest.needs ?? [])],
    before: ({ host }) => host.groups(),
    after: ({ host }) => host.groups(),
    holds: ({ before, after, status }) => status === ending && after.join() === before.join(),
    hint: ({ before, after, status }) =>
      `The run ended with ${status}. Left on the host: ${listed(after.filter((path) => !before.includes(path)))}. A group is a directory: it stays until somebody removes it, and rmdir(2) says EBUSY as long as a process is in it.`,
  });

export const checks = [
  check({
    since: 5,
    title: "the box is in control groups that its launcher is not in",
    run: lives(),
    during: ({ box, launcher }) => shared(box, launcher),
    // On a host with both versions, the one that limits nothing counts for nothing.
    holds: ({ during }) => during.every(({ controllers }) => controllers === "" && !unified()),
    hint: ({ during }) =>
      `Box and program are both in ${during.map(({ controllers, path }) => `${controllers || "version 2"}:${path}`).join(", ")} (/proc/PID/cgroup). Who writes which pid into which cgroup.procs?`,
  }),

  check({
    since: 5,
    title: "--pids-limit 1 holds before a shell can make its first child",
    run: ["sh", "-c", "echo first; ls /; echo second"],
    options: ["--pids-limit", "1"],
    unless: needsController("pids"),
    holds: ({ stdout }) => stdout === "first\n",
    hint: ({ stdout }) =>
      stdout.startsWith("first\n")
        ? "With one process allowed, the shell made another. Does the limit come at all, and does the command wait until it is there?"
        : `The box wrote ${JSON.stringify(stdout)}: one process is enough for a shell to say “first”. Is something else counted?`,
  }),

  check({
    since: 5,
    title: "the box sees its own group as the root of every tree",
    run: ["cat", "/proc/self/cgroup"],
    holds: ({ stdout }) =>
      stdout !== "" &&
      stdout
        .trim()
        .split("\n")
        .every((line) => line.endsWith(":/")),
    hint: ({ stdout }) =>
      `/proc/self/cgroup says:\n${stdout}A cgroup namespace's root is the group one is in when it is made: is there a new namespace, and which comes first, joining or unsharing?`,
  }),

  check({
    since: 5,
    title: "the box has a cgroup namespace of its own",
    run: lives(),
    during: ({ box, launcher }) => ({ box: namespace(box, "cgroup"), host: namespace(launcher, "cgroup") }),
    holds: ({ during }) => during.box !== during.host,
    hint: ({ during }) => `Box and host are both in ${during.host}: cgroup_namespaces(7) has the flag.`,
  }),

  check({
    since: 5,
    title: "the box's group is mounted in /sys/fs/cgroup, read-only",
    run: lives(),
    during: ({ box }) => mounts(box).filter(({ type }) => /^cgroup2?$/.test(type)),
    holds: ({ during }) =>
      during.length > 0 &&
      during.every(({ point, options }) => point.startsWith("/sys/fs/cgroup") && options.includes("ro")),
    hint: ({ during }) =>
      during.length === 0
        ? "No file system of type cgroup or cgroup2 is mounted in the box: programs that ask how much memory there is for them look there."
        : `Mounted: ${during.map(({ point, options }) => `${point} (${options[0]})`).join(", ")}. Who can write there sets its own limits.`,
  }),

  inVain({
    since: 5,
    title: "root in the box can neither make a group nor lift a limit",
    tries: `for d in /sys/fs/cgroup /sys/fs/cgroup/*; do
      [ -e $d/cgroup.procs ] || continue
      mkdir $d/x && echo $d/x; echo max > $d/pids.max && echo $d/pids.max
    done`,
    options: ["--pids-limit", "20"],
    unless: needsController("pids"),
    hint: ({ stdout }) => `It made or wrote ${listed(stdout.trim().split("\n"))}: then no limit holds.`,
  }),

  goesAway("when the command has ended, its groups are gone", 0, { run: ["true"] }),
  goesAway("also when it leaves processes behind", 0, {
    run: ({ mark }: Scene) => ["sh", "-c", `setsid sleep ${mark} & exit 0`],
  }),
  goesAway("and when SIGTERM has ended it", 143, {
    run: stays,
    needs: ["ends pid 1"],
    during: ({ signal }) => signal("SIGTERM"),
  }),

  check({
    since: 5,
    title: "what kill -9 of the program leaves of its groups, the next run removes",
    run: stays,
    needs: ["ends with its launcher"],
    before: ({ host }) => host.groups(),
    during: killLauncher,
    after: async ({ host, another }) => {
      await another([], ["true"]);
      return host.groups();
    },
    holds: ({ before, after }) => after.join() === before.join(),
    hint: ({ before, after }) =>
      `After the next run there still is: ${listed(after.filter((path) => !before.includes(path)))}. Nobody can clean up after SIGKILL; but who comes next can see from a group's name that nobody lives in it.`,
  }),

  check({
    since: 5,
    title: "…and it leaves the groups of a box that lives alone",
    run: lives(),
    during: async ({ box, another }) => {
      const { status } = await another([], ["true"]);
      return { status, groups: groupsOf(box).map(({ path }) => path) };
    },
    holds: ({ during, status }) =>
      during.status === 0 && status === 0 && during.groups.every((path) => !path.includes("(deleted)")),
    hint: ({ during, status }) =>
      `A second box ran (${during.status}) while the first lived, which ended with ${status}. Its groups: ${listed(during.groups)}. How does a box tell what is left over from what is in use?`,
  }),
];
