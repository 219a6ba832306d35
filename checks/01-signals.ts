// Step 1: signals reach the command, and neither end outlives the other.
import { check, comesTrue, type Live, lives, type Scene, stays } from "./check.ts";

/** Exits with 7 on SIGTERM. Not without end: of a command whose handler never ran, there is something to say. */
export const CATCHES =
  'trap "echo caught; exit 7" TERM; echo ready; n=100; while [ $((n -= 1)) -gt 0 ]; do sleep 0.05; done';

const signalSet = (stdout: string, name: string) => new RegExp(`^${name}:\\s*(\\w+)$`, "m").exec(stdout)?.[1];

/** The numbers of the signals in a mask of /proc/PID/status. */
const numbers = (mask = "0") =>
  [...BigInt(`0x${mask}`).toString(2)].reverse().flatMap((bit, index) => (bit === "1" ? [index + 1] : []));

/** The commands still alive on the host two seconds after, if any. */
export const leftOver = async ({ host }: Scene) => {
  await comesTrue(() => host.processes().length === 0);
  return host.processes().map(({ argv }) => argv.join(" ").slice(0, 80));
};

export const killLauncher = ({ signal }: Live) => signal("SIGKILL");

const endedBy = (name: NodeJS.Signals, status: number) =>
  check({
    since: 1,
    title: `${name} to the program ends the box and the run, with ${status}`,
    run: stays,
    needs: ["ends pid 1"],
    during: ({ signal }) => signal(name),
    after: leftOver,
    holds: (seen) => seen.status === status && seen.after.length === 0,
    hint: ({ after, status: ended }) =>
      after.length > 0
        ? `The run is over (${ended}), and still alive are: ${after.join("; ")}. The program died of ${name} alone: who tells the command?`
        : `The run ended with ${ended}, not 128 + ${status - 128}. Nothing in the command handles ${name}. If it is pid 1 of its namespace, the kernel drops such a signal: signal(7) leaves one that it cannot drop.`,
  });

export const checks = [
  check({
    since: 1,
    title: "no signal is ignored or blocked when the command starts",
    run: ["grep", "^Sig[BI]", "/proc/self/status"],
    holds: ({ stdout }) => ["SigIgn", "SigBlk"].every((name) => /^0+$/.test(signalSet(stdout, name) ?? "")),
    hint: ({ stdout }) =>
      `Ignored: ${numbers(signalSet(stdout, "SigIgn")).join(", ") || "none"}; blocked: ${numbers(signalSet(stdout, "SigBlk")).join(", ") || "none"} (kill -l tells their names). Both survive execve(2): what the program ignores or blocks, each program it starts does.`,
  }),

  check({
    since: 1,
    title: "a pipe whose reader has left ends its writer without a word",
    run: ["sh", "-c", "yes | head -n 1"],
    holds: ({ stdout, stderr }) => stdout === "y\n" && stderr === "",
    hint: ({ stderr }) =>
      `“yes | head -n 1” wrote ${JSON.stringify(stderr)} on stderr: yes lived on to see EPIPE. Which signal should have ended it, and what became of that?`,
  }),

  check({
    since: 1,
    title: "SIGTERM to the program reaches the command, which may handle it",
    run: ({ mark }) => ["sh", "-c", CATCHES, mark],
    needs: ["forwards signals"],
    during: ({ signal }) => signal("SIGTERM"),
    holds: ({ stdout, status }) => stdout.includes("caught") && status === 7,
    hint: ({ stdout, status }) =>
      stdout.includes("caught")
        ? `The command caught it and exited with 7, the run ended with ${status}: the program did not wait for the end.`
        : `The command has a handler for SIGTERM and it never ran; the run ended with ${status}. A signal goes to one process: the program has to pass it on.`,
  }),

  check({
    since: 1,
    title: "SIGWINCH to the program ends nothing",
    run: lives(),
    during: ({ signal }) => signal("SIGWINCH"),
    holds: ({ status }) => status === 0,
    hint: ({ status }) =>
      `The run ended with ${status} when the window had another size. signal(7) has a table of what each signal does to who has no handler: only some of them end a process.`,
  }),

  endedBy("SIGTERM", 143),
  endedBy("SIGINT", 130),
  endedBy("SIGHUP", 129),

  check({
    since: 1,
    title: "kill -9 of the program ends the command",
    run: stays,
    needs: ["ends with its launcher"],
    during: killLauncher,
    after: leftOver,
    holds: ({ after }) => after.length === 0,
    hint: ({ after }) =>
      `Two seconds later this is alive: ${after.join("; ")}. Nobody can handle SIGKILL; but the kernel can be asked beforehand to tell a child that its parent died (prctl(2)).`,
  }),
];
