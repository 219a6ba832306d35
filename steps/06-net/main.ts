// Step 6: a network of its own.
//   new    the network namespace, a cable (veth) to a bridge, NAT, published ports, a limit on bandwidth
//   try    npx tsx steps/06-net/main.ts run --publish 8080:80 sh     then: ip addr; ping -c 1 8.8.8.8; nc -l -p 80
//   see    an eth0 nobody else has, an answer, and what `nc 127.0.0.1 8080` on the host sends
//   lacks  a file system of its own: what one box writes, the next one finds (step 7)
//   man    network_namespaces(7) veth(4) ip(8) nft(8) tc-tbf(8)
import { boxCommand } from "../../lib/cli.ts";
import { report } from "../../lib/usage.ts";
import { CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS, waitForParent } from "../../native/index.ts";
import { dieWithLauncher, exec } from "../01-exec/exec.ts";
import { ownNames, utsOptions } from "../02-uts/uts.ts";
import { attendInit, init, pidOptions } from "../03-pid/pid.ts";
import { confine } from "../04-mnt-chroot/confine.ts";
import { chrootInto, findRootfs, pivotInto, readOnlyRoot, rootfsOptions } from "../04-mnt-chroot/rootfs.ts";
import { environment, systemMounts, systemOptions } from "../04-mnt-chroot/system.ts";
import { cgroupNamespace, cloneInto, createCgroup } from "../05-cgroups/cgroup.ts";
import { letIn, limit, limitOptions } from "../05-cgroups/limits.ts";
import { connect, joinNetwork, nameFiles, networkOptions, newNetwork, prepareNetwork } from "./network.ts";

const known = { ...utsOptions, ...pidOptions, ...rootfsOptions, ...systemOptions, ...limitOptions };
const { options, command } = boxCommand({ ...known, ...networkOptions });
await prepareNetwork(options);

const root = findRootfs(options.rootfs);
const { take, hang } = letIn({ ...options, volume: [...nameFiles(options), ...options.volume] });
const env = environment(options.env);
const cgroup = createCgroup();
limit(cgroup, options);

const namespaces = CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS | newNetwork(options);
const box = cloneInto(cgroup, namespaces, [
  ...dieWithLauncher(),
  ...waitForParent(), // until it has put us into our group, and plugged us in
  ...joinNetwork(options),
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
connect(box.pid, options);
box.resume();
process.exitCode = await ended;
report(cgroup, options);
