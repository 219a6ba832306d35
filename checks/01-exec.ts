// Step 1: runs a command, as it was given, and tells how it ended.
import { check, type Ending, lives, type Seen } from "./check.ts";

const WORDS = ["a b", "it's", '"quoted"', "", "ünïcødé 🧰", "$HOME", "*", "back\\slash", "two\nlines"];
const OPTIONS = ["--hostname", "x", "--trace", "--help", "--", "-v"];
const EACH_WORD = 'for word; do printf "[%s]" "$word"; done';
const bracketed = (words: string[]) => words.map((word) => `[${word}]`).join("");

/** One line of ours on stderr, nothing on stdout, 125: how bad input is answered. */
export const isUsageError = ({ status, stdout, stderr }: Ending) =>
  status === 125 && stdout === "" && /^box: [^\n]+\n$/.test(stderr);

export const usageHint =
  (what: string) =>
  ({ status, stdout, stderr }: Seen) =>
    stackTrace(stderr) ??
    (status === 125
      ? `Exit status 125 is right. ${what} is answered by one line on stderr that starts with “box: ”, and nothing on stdout; here were ${lines(stderr)} on stderr and ${lines(stdout)} on stdout.`
      : `${what} must end with 125, the status for a failure of the program's own. It ended with ${status}${status === 0 ? ": was the word taken for something else, and the command run?" : "."}`);

const stackTrace = (stderr: string) =>
  /^\s+at .+:\d+/m.test(stderr)
    ? "A stack trace is for the author. Whoever mistyped an option needs one line: catch the error where the program ends."
    : undefined;

const lines = (text: string) => {
  const count = text.split("\n").filter(Boolean).length;
  return count === 1 ? "1 line" : `${count} lines`;
};

const exits = (code: number) =>
  check({
    since: 1,
    title: `a command that exits with ${code} makes the run exit with ${code}`,
    run: ["sh", "-c", `exit ${code}`],
    holds: ({ status }) => status === code,
    hint: ({ status }) =>
      `The run ended with ${status}. ${status === 0 ? "Was the command waited for, and its status made the program's own?" : "A wait status holds more than an exit code: which bits of it are which?"}`,
  });

const cannotStart = (status: number, title: string, command: string) =>
  check({
    since: 1,
    title,
    run: [command],
    needs: ["exit 126/127"],
    holds: (seen) => seen.status === status && seen.stderr.startsWith("box: ") && !stackTrace(seen.stderr),
    hint: (seen) =>
      stackTrace(seen.stderr) ??
      (seen.status === status
        ? `The status is right, but stderr does not say why in a line that starts with “box: ”.`
        : `The run of ${command} ended with ${seen.status}, shells say ${status}. The errno of execve(2) tells “not found” from “not executable”: does it get from the child to the program?`),
  });

/** Why a program cannot run the simplest command, in any step. */
function whyNot({ stdout, stderr, status }: Ending): string {
  const [todo] = /TODO \d+: \w+/.exec(stderr) ?? [];
  if (todo) return `It came to ${todo}(), which is still to be written.`;
  if (/ENOENT.*'\/proc\//.test(stderr))
    return "The program can no longer see its own /proc: what it mounted in the box appeared on its host too, since mounts travel. mount_namespaces(7) says how, and which call comes before the first mount.";
  const [, option] = /unknown option (--[\w-]+)/.exec(stderr) ?? [];
  if (option) return `It does not know ${option} yet: which TODO says what options are to be known?`;
  if (status === 125) return "The program gave up (125): its stderr says which call failed, and why.";
  if (status === 13)
    return "Node ended with 13: what the program awaits never comes. Does the child wait for a word of its parent's that is not said?";
  return `“echo hello” wrote ${JSON.stringify(stdout)} and ended with ${status}. Is COMMAND started, with its words, and do its descriptors 0, 1 and 2 survive execve(2)?`;
}

export const checks = [
  check({
    since: 1,
    title: "runs the command",
    run: ["echo", "hello"],
    holds: ({ stdout, status }) => stdout === "hello\n" && status === 0,
    hint: whyNot,
  }),

  ...[0, 3, 255].map(exits),

  check({
    since: 1,
    title: "a command killed by signal 9 makes the run exit with 137",
    run: lives(),
    during: ({ box }) => process.kill(box, "SIGKILL"),
    holds: ({ status }) => status === 137,
    hint: ({ status }) =>
      `The run ended with ${status}. Who was killed has no exit code; wait(2) says which signal it was, and a shell makes 128 + its number of it.`,
  }),

  cannotStart(127, "a command that is not in PATH: 127", "no-such-command"),
  cannotStart(127, "a path that does not exist: 127", "/no/such/command"),
  cannotStart(126, "a file that is not executable: 126", "/etc/passwd"),
  cannotStart(126, "a directory as command: 126", "/etc"),

  check({
    since: 1,
    title: "every word arrives as it was given: blanks, quotes, UTF-8, nothing at all",
    run: ["sh", "-c", EACH_WORD, "sh", ...WORDS],
    holds: ({ stdout }) => stdout === bracketed(WORDS),
    hint: ({ stdout }) =>
      `Given ${bracketed(WORDS)}, arrived ${stdout}. execve(2) takes a list of words: at which point is it one string, for a shell to split?`,
  }),

  check({
    since: 1,
    title: "a word of 100,000 bytes arrives whole",
    run: ["sh", "-c", "printf %s $1 | wc -c", "sh", "x".repeat(100_000)],
    holds: ({ stdout }) => stdout.trim() === "100000",
    hint: ({ stdout }) =>
      `${stdout.trim() || "None"} of 100,000 bytes arrived. The kernel takes 128 KB a word (execve(2), “Limits on size of arguments”): what takes less?`,
  }),

  check({
    since: 1,
    title: "what looks like an option after COMMAND belongs to the command",
    run: ["printf", "[%s]", ...OPTIONS],
    holds: ({ stdout }) => stdout === bracketed(OPTIONS),
    hint: ({ stdout }) =>
      `Given to printf: ${bracketed(OPTIONS)}; arrived: ${stdout || "nothing"}. Options end where COMMAND begins: does whatever reads the command line know that?`,
  }),

  check({
    since: 1,
    title: "an unknown option is a usage error: one line, 125",
    run: [],
    commandLine: ["run", "--no-such-option", "true"],
    needs: ["usage errors"],
    holds: (seen) => isUsageError(seen) && seen.stderr.includes("--no-such-option"),
    hint: usageHint("An unknown option (named in the message)"),
  }),

  check({
    since: 1,
    title: "no command is a usage error: one line, 125",
    run: [],
    commandLine: ["run"],
    needs: ["usage errors"],
    holds: isUsageError,
    hint: usageHint("“run” without a command"),
  }),

  check({
    since: 1,
    title: "a word other than “run” is a usage error: one line, 125",
    run: [],
    commandLine: ["walk", "true"],
    needs: ["usage errors"],
    holds: isUsageError,
    hint: usageHint("“walk true”"),
  }),

  check({
    since: 1,
    title: "--help tells the usage on stdout and exits with 0",
    run: [],
    commandLine: ["--help"],
    needs: ["usage errors"],
    holds: ({ status, stdout }) => status === 0 && /\brun\b.*COMMAND/.test(stdout),
    hint: ({ status, stdout }) =>
      `It ended with ${status} and wrote ${lines(stdout)} on stdout. Help that was asked for is no error: it goes to stdout, with “run” and “COMMAND” in it.`,
  }),

  check({
    since: 1,
    title: "--trace tells the system calls on stderr, and stdout stays the command's",
    run: ["echo", "hello"],
    options: ["--trace"],
    holds: ({ stdout, stderr }) => stdout === "hello\n" && /execve\(.*echo/.test(stderr),
    hint: ({ stdout, stderr }) =>
      stdout === "hello\n"
        ? `No “execve(…echo…)” in the ${lines(stderr)} on stderr: the last call of the child's is the one that matters most.`
        : `stdout is ${JSON.stringify(stdout.slice(0, 200))}: whoever pipes the box's output into a file finds the trace in it.`,
  }),
];
