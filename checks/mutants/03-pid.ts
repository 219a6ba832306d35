import { type Mutant, mutant } from "./mutant.ts";

const MAIN = "03-pid/main.ts";
const MODULE = "03-pid/pid.ts";

export const mutants: Mutant[] = [
  mutant(
    "no flag for pid",
    [MAIN, "CLONE_NEWPID | CLONE_NEWNS, [", "CLONE_NEWNS, ["],
    "the first process in the box is pid 1",
    /pid namespace of a process is fixed when it is made/,
  ),
  mutant(
    "/proc is still the host's",
    [MAIN, "  ...ownProc(),\n", ""],
    "/proc shows the processes of the box",
    /shows the pid namespace it was mounted for/,
  ),
  mutant(
    "a new window size ends the box",
    [MODULE, 'signal === "SIGWINCH" || ', ""],
    "SIGWINCH to the program ends nothing",
    /ended with 156.*only some of them end a process/,
  ),
  mutant(
    "MS_PRIVATE is forgotten",
    [MODULE, '  mount(null, "/", null, MS_REC | MS_PRIVATE),\n', ""],
    "the host's mounts stay as they were",
    /new while the box ran: \/proc \(proc\).*Shared subtrees/,
  ),
  mutant(
    "no mount namespace for the new /proc",
    [MAIN, "CLONE_NEWPID | CLONE_NEWNS, [", "CLONE_NEWPID, ["],
    "the host's mounts stay as they were",
    /still there: \/proc \(proc\)/,
  ),
  mutant(
    "signals are sent to pid 1 as to anyone",
    [MODULE, "if (!endsPid1(box.pid, signal)) return passOn(box, signal);", "return passOn(box, signal);"],
    "SIGTERM to the program ends the box",
    /the kernel drops such a signal/,
  ),
  mutant(
    "pid 1 does not die with its launcher",
    [MAIN, "  ...dieWithLauncher(),\n", ""],
    "kill -9 of the program ends the command's background processes",
    /what tells pid 1 that its parent is gone/,
  ),
  mutant(
    "--init is read and not heeded",
    [MAIN, "(options.init ? init(command) : exec(command))", "exec(command)"],
    "--init: the command is not pid 1",
    /is pid 1: then nothing stands between/,
  ),
  {
    mistake: "pid 1 reaps nobody",
    edits: [
      [MODULE, "cleanSlate, inForeground", "cleanSlate, exec, inForeground"],
      [
        MODULE,
        '{ ...fexecve(memfd, ["init", ...command], env), path: command[0] },',
        '...exec(["sh", "-c", \'"$@" & exec sleep 1\', "sh", ...command], env),',
      ],
    ],
    caughtBy: "orphans are reaped",
    hint: /zombies: \/proc\/.*has to wait for children it never made/,
  },
];
