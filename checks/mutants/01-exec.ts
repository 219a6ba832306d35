import { type Mutant, mutant } from "./mutant.ts";

const MAIN = "01-exec/main.ts";
const MODULE = "01-exec/exec.ts";

export const mutants: Mutant[] = [
  mutant(
    "the standard descriptors stay close-on-exec, as Node has them",
    [MODULE, "...[0, 1, 2].map((fd) => closeOnExec(fd, false)),", ""],
    "runs the command",
    /descriptors 0, 1 and 2 survive execve/,
  ),
  mutant(
    "PATH is not searched",
    [MODULE, 'if (name.includes("/") || name === "") return [name];', "return [name];"],
    "runs the command",
    /ended with 127/,
  ),
  mutant(
    "the exit status is not passed on",
    [MAIN, "process.exitCode = await", "await"],
    "a command that exits with 3",
    /waited for, and its status made the program's own/,
  ),
  mutant(
    "nobody waits for the child",
    [MODULE, "const status = await child.exited;", "const status = 0;"],
    "a command that exits with 3",
    /waited for/,
  ),
  mutant(
    "who was killed counts by the number of the signal alone",
    [MODULE, "return status;", "return status > 128 && status < 160 ? status - 128 : status;"],
    "killed by signal 9",
    /ended with 9\b.*wait\(2\) says which signal/,
  ),
  mutant(
    "a shell splits the words",
    [MODULE, "execve(path, command, env)", 'execve("/bin/sh", ["sh", "-c", command.join(" ")], env)'],
    "every word arrives",
    /takes a list of words/,
  ),
  mutant(
    "SIGPIPE stays ignored, as Node has it",
    [MODULE, '...(["SIGPIPE", "SIGXFSZ"] as const).map(defaultAction),', ""],
    "a pipe whose reader has left",
    /Which signal should have ended it/,
  ),
  mutant(
    "signals stay blocked",
    [MODULE, "  unblockSignals(),\n]", "]"],
    "no signal is ignored or blocked",
    /blocked: 1, 2, /,
  ),
  mutant(
    "signals are not passed on",
    [MODULE, "if (!fromTerminal) child.kill(signal);", ""],
    "SIGTERM to the program reaches the command",
    /has to pass it on/,
  ),
  mutant(
    "the program leaves at the first signal",
    [
      MODULE,
      "handOverSignals((signal) => ended || deliver(child, signal));",
      "handOverSignals(() => process.exit(130));",
    ],
    "Ctrl-C reaches a command that handles it once",
    /the run ended with 130, the command with 7/,
  ),
  mutant(
    "the child does not die with its parent",
    [MODULE, '[setParentDeathSignal("SIGKILL"), ...parentAlive()]', "[]"],
    "kill -9 of the program ends the command",
    /the kernel can be asked beforehand/,
  ),
];
