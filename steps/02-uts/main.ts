// Step 2: a host name of its own, and System V queues and semaphores of its own.
//   new    the first two namespaces, uts and ipc: two flags of clone
//   try    npx tsx steps/02-uts/main.ts run --hostname box sh     then: hostname; ipcs
//   see    box, and empty tables; on the host both are as before
//   lacks  ps shows every process of the host, and kill reaches them (step 3)
//   man    uts_namespaces(7) ipc_namespaces(7) sethostname(2)
import { boxCommand } from "../../lib/cli.ts";
import { CLONE_NEWIPC, CLONE_NEWUTS, clone } from "../../native/index.ts";
import { attend, dieWithLauncher, exec } from "../01-exec/exec.ts";
import { ownNames, utsOptions } from "./uts.ts";

const { options, command } = boxCommand({ ...utsOptions });

const box = clone(CLONE_NEWUTS | CLONE_NEWIPC, [
  ...dieWithLauncher(),
  ...ownNames(options),
  ...exec(command),
]);

process.exitCode = await attend(box);
