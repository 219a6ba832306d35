// tsx checks/vm/main.ts COMMAND…: runs a shell command in the VM.
import { runInVm } from "./boot.ts";

process.exitCode = await runInVm(process.argv.slice(2).join(" "), Number(process.env.VM_SECONDS ?? 300));
