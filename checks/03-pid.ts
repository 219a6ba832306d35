// Step 3: process ids of its own, and a /proc that shows them.
import { killLauncher, leftOver } from "./01-signals.ts";
import { check, inVain, lives, type Scene } from "./check.ts";
import { type Mount, namespace, status } from "./proc.ts";

/** Every number the process has, the outermost first. */
export const numbersOf = (pid: number) => status(pid, "NSpid").split(/\s+/);

/** The mounts of `now` that were not there before. */
export const newMounts = (before: Mount[], now: Mount[]) =>
  now.filter(({ point, device }) => !before.some((old) => old.point === point && old.device === device));

const named = (mounts: Mount[]) => mounts.map(({ point, type }) => `${point} (${type})`).join(", ") || "none";

const withBackgroundJob = ({ mark }: Scene) => [
  "sh",
  "-c",
  `setsid sleep ${mark} & echo ready; read _; exec sleep 10`, // its stdin ends with the program
  mark,
];

export const checks = [
  check({
    since: 3,
    title: "the first process in the box is pid 1",
    run: ["sh", "-c", "echo $$"],
    holds: ({ stdout }) => stdout.trim() === "1",
    hint: ({ stdout }) =>
      `It is pid ${stdout.trim()}. The pid namespace of a process is fixed when it is made: which call made this one, with which flags, and is it the one that runs the command?`,
  }),

  check({
    since: 3,
    title: "the box has a pid namespace of its own",
    run: lives(),
    during: ({ box, launcher }) => ({ box: namespace(box, "pid"), host: namespace(launcher, "pid") }),
    holds: ({ during }) => during.box !== during.host,
    hint: ({ during }) => `Box and host are both in ${during.host}: pid_namespaces(7) has the flag.`,
  }),

  check({
    since: 3,
    title: "on the host the command has one number more than the program that started it",
    run: lives(),
    during: ({ box, launcher }) => ({ box: numbersOf(box), launcher: numbersOf(launcher) }),
    holds: ({ during }) => during.box.length === during.launcher.length + 1 && during.box.at(-1) === "1",
    hint: ({ during }) =>
      `NSpid of the program: ${during.launcher.join(" ")}; of the command: ${during.box.join(" ")}. A process has a number in its own pid namespace and in each one around it, the last is its own.`,
  }),

  check({
    since: 3,
    title: "/proc shows the processes of the box and no other",
    run: ["sh", "-c", "echo /proc/[0-9]*"],
    holds: ({ stdout }) => stdout === "/proc/1\n",
    hint: ({ stdout }) =>
      `It shows ${stdout.trim().split(" ").length} processes; the box has one. ps does not ask the kernel, it reads /proc, and a procfs shows the pid namespace it was mounted for. Who mounted this one?`,
  }),

  check({
    since: 3,
    title: "/proc/self is pid 1",
    run: ["readlink", "/proc/self"],
    holds: ({ stdout }) => stdout === "1\n",
    hint: ({ stdout }) =>
      `/proc/self is ${JSON.stringify(stdout.trim())}. In a procfs of another pid namespace a process has another number, or none.`,
  }),

  inVain({
    since: 3,
    title: "a process of the host's cannot be signalled from the box",
    tries: ({ host }) => `kill -0 ${host.pid} && echo reached`,
    hint: ({ host }) =>
      `“kill -0 ${host.pid}” in the box succeeded: that is a process of the host's. Root in the box can end it.`,
  }),

  check({
    since: 3,
    title: "the host's mounts stay as they were, while the box runs and afterwards",
    run: lives(),
    before: ({ host }) => host.mounts(),
    during: ({ host }) => host.mounts(),
    after: ({ host }) => host.mounts(),
    holds: ({ before, during, after }) =>
      newMounts(before, during).length === 0 &&
      newMounts(before, after).length === 0 &&
      before.length === after.length,
    hint: ({ before, during, after }) =>
      `The host had ${before.length} mounts before and has ${after.length} now; new while the box ran: ${named(newMounts(before, during))}; still there: ${named(newMounts(before, after))}. / is shared, as on any host with systemd: mount_namespaces(7), “Shared subtrees”.`,
  }),

  check({
    since: 3,
    title: "when the command ends, its background processes end",
    run: ({ mark }) => ["sh", "-c", `setsid sleep ${mark} & echo started`],
    after: leftOver,
    holds: ({ stdout, after }) => stdout === "started\n" && after.length === 0,
    hint: ({ after }) =>
      after.length > 0
        ? `Still alive after the run: ${after.join("; ")}. When pid 1 of a pid namespace ends, the kernel ends the rest. Was the command pid 1?`
        : "The command never got to start one.",
  }),

  check({
    since: 3,
    title: "kill -9 of the program ends the command's background processes too",
    run: withBackgroundJob,
    needs: ["ends with its launcher"],
    during: killLauncher,
    after: leftOver,
    holds: ({ after }) => after.length === 0,
    hint: ({ after }) =>
      `Two seconds later this is alive: ${after.join("; ")}. If pid 1 of the box ends, all do: what tells pid 1 that its parent is gone?`,
  }),
];
