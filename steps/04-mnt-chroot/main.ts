// Step 4: a root of its own.
//   new    private mounts, pivot_root, its own /proc, /sys, /dev and /tmp, volumes
//   try    npx tsx steps/04-mnt-chroot/main.ts run sh     then: ls /; mount; ps
//   see    another root, a short mount table, no process but yours
//   lacks  limits: a fork bomb still takes the machine down (step 5)
//   man    mount_namespaces(7) pivot_root(2) chroot(2) capabilities(7)
import { boxCommand } from "../../lib/cli.ts";
import { CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS, clone } from "../../native/index.ts";
import { dieWithLauncher, exec } from "../01-exec/exec.ts";
import { ownNames, utsOptions } from "../02-uts/uts.ts";
import { attendInit, init, pidOptions } from "../03-pid/pid.ts";
import { confine } from "./confine.ts";
import { chrootInto, findRootfs, pivotInto, readOnlyRoot, rootfsOptions, volumes } from "./rootfs.ts";
import { environment, systemMounts, systemOptions } from "./system.ts";

const { options, command } = boxCommand({ ...utsOptions, ...pidOptions, ...rootfsOptions, ...systemOptions });

const root = findRootfs(options.rootfs);
const { take, hang } = volumes(options.volume);
const env = environment(options.env);

const box = clone(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS, [
  ...dieWithLauncher(),
  ...ownNames(options),
  ...take,
  ...(options.chroot ? chrootInto(root) : pivotInto(root)),
  ...systemMounts(options),
  ...hang,
  ...(options.readOnly ? readOnlyRoot() : []),
  ...confine(options),
  ...(options.init ? init(command, env) : exec(command, env)),
]);

process.exitCode = await attendInit(box);
