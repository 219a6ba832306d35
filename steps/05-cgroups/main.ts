// Step 5: limits, and an account of what was used.
//   new    a cgroup of its own, limited before the first instruction; a device filter; the cgroup namespace
//   try    npx tsx steps/05-cgroups/main.ts run --memory 64m --stats sh     then: dd if=/dev/zero of=/dev/null bs=100M count=1
//   see    it is killed; and at the end, what was used. --pids-limit 20 stops a fork bomb
//   lacks  a network of its own: ip addr shows the host's (step 6)
//   man    cgroups(7) cgroup_namespaces(7) clone(2) bpf(2)
import { boxCommand } from "../../lib/cli.ts";
import { report } from "../../lib/usage.ts";
import { CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS, waitForParent } from "../../native/index.ts";
import { dieWithLauncher, exec } from "../01-exec/exec.ts";
import { ownNames, utsOptions } from "../02-uts/uts.ts";
import { attendInit, init, pidOptions } from "../03-pid/pid.ts";
import { confine } from "../04-mnt-chroot/confine.ts";
import { chrootInto, findRootfs, pivotInto, readOnlyRoot, rootfsOptions } from "../04-mnt-chroot/rootfs.ts";
import { environment, systemMounts, systemOptions } from "../04-mnt-chroot/system.ts";
import { cgroupNamespace, cloneInto, createCgroup } from "./cgroup.ts";
import { letIn, limit, limitOptions } from "./limits.ts";

const known = { ...utsOptions, ...pidOptions, ...rootfsOptions, ...systemOptions, ...limitOptions };
const { options, command } = boxCommand(known);

const root = findRootfs(options.rootfs);
const { take, hang } = letIn(options);
const env = environment(options.env);
const cgroup = createCgroup();
limit(cgroup, options);

const box = cloneInto(cgroup, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS, [
  ...dieWithLauncher(),
  ...waitForParent(), // version 1: until it has put us into our group
  ...ownNames(options),
  ...take,
  ...(options.chroot ? chrootInto(root) : pivotInto(root)),
  ...systemMounts(options),
  ...cgroupNamespace(cgroup, options),
  ...hang,
  ...(options.readOnly ? readOnlyRoot() : []),
  ...confine(options),
  ...(options.init ? init(command, env) : exec(command, env)),
]);

const ended = attendInit(box); // before it runs: a signal that found no handler would leave the group behind
box.resume();
process.exitCode = await ended;
report(cgroup, options);
