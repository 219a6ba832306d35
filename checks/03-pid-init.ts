// Step 3: --init, a tiny pid 1 that does what the kernel expects of one and passes on everything else.
import { CATCHES, killLauncher, leftOver } from "./01-signals.ts";
import { check, stays } from "./check.ts";

const TEN_ORPHANS = "for n in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.05 &); done";
const LIST_ZOMBIES = "grep -l '^State:.Z' /proc/[0-9]*/status; echo done";

export const checks = [
  check({
    since: 3,
    title: "--init: the command is not pid 1",
    run: ["sh", "-c", "echo $$"],
    options: ["--init"],
    holds: ({ stdout }) => Number(stdout) > 1,
    hint: ({ stdout, status }) =>
      stdout === ""
        ? `The command did not run, or had no standard output: the run ended with ${status}, and stderr says more.`
        : `The command is pid ${stdout.trim()}: then nothing stands between it and the duties of pid 1.`,
  }),

  check({
    since: 3,
    title: "--init: orphans are reaped and leave no zombie",
    run: ["sh", "-c", `${TEN_ORPHANS}; sleep 0.4; ${LIST_ZOMBIES}`],
    options: ["--init"],
    holds: ({ stdout }) => stdout === "done\n",
    hint: ({ stdout }) =>
      `Ten processes lost their parent and ended; zombies: ${stdout.replace("done\n", "").trim().split("\n").join(" ") || "none, but something else was written"}. Who has lost its parent is given to pid 1, which has to wait for children it never made.`,
  }),

  check({
    since: 3,
    title: "--init passes on the exit code",
    run: ["sh", "-c", "exit 3"],
    options: ["--init"],
    holds: ({ status }) => status === 3,
    hint: ({ status }) =>
      `The run ended with ${status}. The program sees only how pid 1 ends: pid 1 must end as the command did.`,
  }),

  check({
    since: 3,
    title: "--init passes on death by a signal: 143",
    run: ["sh", "-c", "kill -TERM $$"],
    options: ["--init"],
    holds: ({ status }) => status === 143,
    hint: ({ status }) =>
      `The run ended with ${status}. Pid 1 saw its child die of signal 15, and cannot kill itself with that: what can it do that looks the same from outside?`,
  }),

  check({
    since: 3,
    title: "--init: a command that is not found is still 127",
    run: ["no-such-command"],
    options: ["--init"],
    needs: ["exit 126/127"],
    holds: ({ status, stderr }) => status === 127 && stderr.startsWith("box: "),
    hint: ({ status, stderr }) =>
      status === 127
        ? `127 is right, but stderr says ${JSON.stringify(stderr.slice(0, 80))}, no line that starts with “box: ”.`
        : `The run ended with ${status}. Now it is a grandchild whose execve(2) fails: how does that get to the program?`,
  }),

  check({
    since: 3,
    title: "--init forwards SIGTERM to the command, which may handle it",
    run: ({ mark }) => ["sh", "-c", CATCHES, mark],
    options: ["--init"],
    needs: ["forwards signals"],
    during: ({ signal }) => signal("SIGTERM"),
    holds: ({ stdout, status }) => stdout.includes("caught") && status === 7,
    hint: ({ stdout, status }) =>
      stdout.includes("caught")
        ? `The command caught it and exited with 7, the run ended with ${status}.`
        : `The command has a handler for SIGTERM and it never ran; the run ended with ${status}. The signal makes two hops now: program, pid 1, command.`,
  }),

  check({
    since: 3,
    title: "--init: SIGTERM ends a command without a handler, with 143",
    run: stays,
    options: ["--init"],
    during: ({ signal }) => signal("SIGTERM"),
    after: leftOver,
    holds: ({ status, after }) => status === 143 && after.length === 0,
    hint: ({ status, after }) =>
      `The run ended with ${status}, still alive: ${after.join("; ") || "nothing"}. The command is not pid 1, so the signal's default action holds for it, once it gets there.`,
  }),

  check({
    since: 3,
    title: "--init: when the command ends the box ends, whoever is left in it",
    run: ({ mark }) => ["sh", "-c", `setsid sleep ${mark} & exit 4`],
    options: ["--init"],
    after: leftOver,
    holds: ({ status, after }) => status === 4 && after.length === 0,
    hint: ({ status, after }) =>
      `The command ended with 4, the run with ${status}; still alive: ${after.join("; ") || "nothing"}. Pid 1 waits for any child, and one of them is the command.`,
  }),

  check({
    since: 3,
    title: "--init: kill -9 of the program leaves nothing",
    run: stays,
    options: ["--init"],
    during: killLauncher,
    after: leftOver,
    holds: ({ after }) => after.length === 0,
    hint: ({ after }) =>
      `Two seconds later this is alive: ${after.join("; ")}. It is pid 1 that has to hear of its parent's death: the rest of the box follows.`,
  }),
];
