// Step 1: run a program, wait for it, pass on how it ended.
//   new    clone and exec: the child's life is a list of system calls
//   try    npx tsx steps/01-exec/main.ts run --trace sh -c 'exit 3'; echo $?
//   see    each call of both processes, then 3
//   lacks  everything a container is: the child sees and may do all that you do (step 2 starts there)
//   man    clone(2) execve(2) waitid(2) prctl(2)
import { boxCommand } from "../../lib/cli.ts";
import { clone } from "../../native/index.ts";
import { attend, dieWithLauncher, exec } from "./exec.ts";

const { command } = boxCommand({});

const child = clone(0, [...dieWithLauncher(), ...exec(command)]);

process.exitCode = await attend(child);
