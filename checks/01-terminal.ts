// Step 1: in a terminal the box behaves as if it were not there.
import { leftOver } from "./01-signals.ts";
import { check, stays } from "./check.ts";

const CTRL_C = "\x03";
const HANDED_ON = "hands on its terminal";
// Goes on for a moment after the first: for the second one, if there is one. A shell that waits for a child in the
// foreground would take both for one.
const CATCHES =
  'trap "echo caught; n=6" INT; echo ready; n=100; while [ $((n -= 1)) -gt 0 ]; do sleep 0.05 & wait $!; done; exit 7';

export const checks = [
  check({
    since: 1,
    title: "in a terminal stdin, stdout and stderr of the command are that terminal",
    run: ["sh", "-c", "for fd in 0 1 2; do [ -t $fd ] && echo $fd; done"],
    terminal: true,
    needs: [HANDED_ON],
    holds: ({ stdout }) => stdout === "0\r\n1\r\n2\r\n",
    hint: ({ stdout }) =>
      `Of 0, 1 and 2 a terminal are: ${stdout.trim().split(/\s+/).join(" ") || "none"}. A pipe between makes colours, editors and prompts disappear.`,
  }),

  check({
    since: 1,
    title: "a shell can be talked to, and its exit code comes back",
    // Not dash: it wants its old process group back, and from inside a pid namespace has none to name (unshare -pf dash).
    run: ({ mark }) => ["busybox", "sh", "-c", "echo ready; busybox sh; exit $?", mark],
    terminal: true,
    needs: [HANDED_ON],
    during: ({ type }) => type("echo $((6 * 7))\nexit 5\n"),
    holds: ({ stdout, status }) => /\b42\r\n/.test(stdout) && status === 5,
    hint: ({ status }) =>
      `Typed were “echo $((6 * 7))” and “exit 5”; the run ended with ${status}. Whose terminal is it while the shell runs, in whose foreground?`,
  }),

  check({
    since: 1,
    title: "Ctrl-C ends the box, with 130",
    run: stays,
    terminal: true,
    needs: [HANDED_ON, "ends pid 1"],
    during: ({ type }) => type(CTRL_C),
    after: leftOver,
    holds: ({ status, after }) => status === 130 && after.length === 0,
    hint: ({ status, after }) =>
      `The run ended with ${status}, still alive: ${after.join("; ") || "nothing"}. Ctrl-C is SIGINT for every process in the terminal's foreground group: for the program, and for the command?`,
  }),

  check({
    since: 1,
    title: "Ctrl-C reaches a command that handles it once, and the program waits for it to end",
    run: ({ mark }) => ["sh", "-c", CATCHES, mark],
    terminal: true,
    needs: [HANDED_ON, "forwards signals"],
    during: ({ type }) => type(CTRL_C),
    holds: ({ stdout, status }) => stdout.split("caught").length === 2 && status === 7,
    hint: ({ stdout, status }) =>
      `Handled ${stdout.split("caught").length - 1} times, and the run ended with ${status}, the command with 7. The terminal sends it to the whole group: who else does?`,
  }),
];
