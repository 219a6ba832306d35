// Step 5: the fork bomb, and Ctrl-Z for a whole box.
import { cpuTime, groupFile, needsController } from "./cgroups.ts";
import { check, comesTrue, lives, pause } from "./check.ts";

// One that ends at 127 processes: a program that does not limit it must not take the machine down.
const BOMB = "b() { [ $1 = 0 ] || { b $(($1 - 1)) | b $(($1 - 1)) & }; sleep 2; }; b 6 &";
const count = (box: number) => (groupFile(box, "cgroup.procs") ?? "").split("\n").length;

const refusals = (box: number) => Number(/^max (\d+)/m.exec(groupFile(box, "pids.events") ?? "")?.[1]);

/** Whether the box's processes use CPU time now. */
const runs = async (box: number, patience = 0.5) => {
  const before = cpuTime(box);
  return comesTrue(() => cpuTime(box) > before + 0.01, patience);
};

export const checks = [
  check({
    since: 5,
    title: "--pids-limit 20: a fork bomb fizzles out, and the host can still start processes",
    run: lives(BOMB),
    options: ["--pids-limit", "20"],
    unless: needsController("pids"),
    during: async ({ box, host }) => {
      const seen = [count(box)];
      await comesTrue(() => seen.push(count(box)) > 0 && (refusals(box) > 0 || seen.at(-1)! > 100), 2);
      return { most: Math.max(...seen), refused: refusals(box), host: host.run("echo", "alive") };
    },
    holds: ({ during }) => during.most <= 20 && during.refused > 0 && during.host === "alive",
    hint: ({ during }) =>
      `${during.most} processes were in the box at a time, and fork(2) was refused ${during.refused} times (pids.events). A real bomb does not stop at 127. Is the limit in the group that the command is in, and does it come before the command?`,
  }),

  check({
    since: 5,
    title: "SIGTSTP stops the whole box with the program, SIGCONT lets it go on",
    run: lives("{ while :; do :; done; } &"),
    needs: ["freezes"],
    unless: needsController("cpu"),
    during: async ({ box, signal }) => {
      const before = await runs(box);
      await signal("SIGTSTP");
      await pause(0.3);
      const stopped = await runs(box);
      await signal("SIGCONT");
      return { before, stopped, after: await runs(box, 3) };
    },
    holds: ({ during }) => during.before && !during.stopped && during.after,
    hint: ({ during }) =>
      during.stopped
        ? "Ctrl-Z gave the shell its prompt back, and a loop in the box goes on using the CPU. To stop one process is a signal; to stop a group there is a file (cgroup.freeze; in version 1, the freezer)."
        : `Running before: ${during.before}; after SIGCONT: ${during.after}. Who stops a box has to set it going again, and hears SIGCONT only then.`,
  }),
];
