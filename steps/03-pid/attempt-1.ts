// Step 3, attempt 1: a pid namespace and nothing else.
//   try    npx tsx steps/03-pid/attempt-1.ts run sh -c 'echo $$; exec ps ax'
//   see    1, so the namespace is new, and yet ps lists every process of the host
//   why    ps reads /proc, and this /proc was mounted by someone in the host's pid namespace
import { boxCommand } from "../../lib/cli.ts";
import { CLONE_NEWPID, clone } from "../../native/index.ts";
import { dieWithLauncher, exec } from "../01-exec/exec.ts";
import { attendInit } from "./pid.ts";

const { command } = boxCommand({});

const box = clone(CLONE_NEWPID, [...dieWithLauncher(), ...exec(command)]);

process.exitCode = await attendInit(box);
