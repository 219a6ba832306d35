// Step 3: process ids of its own. The command is pid 1.
//   new    the pid namespace, a /proc mounted for it, and what pid 1 must do (--init)
//   try    npx tsx steps/03-pid/main.ts run bash     then: echo $$; ps
//   see    1, and two processes; attempt-1.ts shows why it takes the new /proc
//   lacks  a root of its own: ls / is the host's (step 4)
//   man    pid_namespaces(7) proc(5) kill(2)
import { boxCommand } from "../../lib/cli.ts";
import { CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS, clone } from "../../native/index.ts";
import { dieWithLauncher, exec } from "../01-exec/exec.ts";
import { ownNames, utsOptions } from "../02-uts/uts.ts";
import { attendInit, init, ownProc, pidOptions } from "./pid.ts";

const { options, command } = boxCommand({ ...utsOptions, ...pidOptions });

// CLONE_NEWNS only so that the new /proc is nobody else's: step 4 is about it.
const box = clone(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS, [
  ...dieWithLauncher(),
  ...ownNames(options),
  ...ownProc(),
  ...(options.init ? init(command) : exec(command)),
]);

process.exitCode = await attendInit(box);
