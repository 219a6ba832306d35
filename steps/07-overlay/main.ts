// Step 7: images.
//   new    overlay: layers that are only read, and on them one for what the box writes; --image, --name, --commit
//   try    npx tsx steps/07-overlay/main.ts run sh     then: rm -rf /bin; exit
//   see    in the next box, /bin is there; npm run images tells of images, and makes them
//   lacks  a user namespace: root in the box is root on the host, with fewer capabilities
//   man    mount(2) xattr(7); Documentation/filesystems/overlayfs.rst of the kernel
import { boxCommand } from "../../lib/cli.ts";
import { report } from "../../lib/usage.ts";
import { CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS, waitForParent } from "../../native/index.ts";
import { dieWithLauncher, exec } from "../01-exec/exec.ts";
import { ownNames, utsOptions } from "../02-uts/uts.ts";
import { attendInit, init, pidOptions } from "../03-pid/pid.ts";
import { confine } from "../04-mnt-chroot/confine.ts";
import { chrootInto, pivotInto, readOnlyRoot, rootfsOptions } from "../04-mnt-chroot/rootfs.ts";
import { environment, systemMounts, systemOptions } from "../04-mnt-chroot/system.ts";
import { cgroupNamespace, cloneInto, createCgroup } from "../05-cgroups/cgroup.ts";
import { letIn, limit, limitOptions } from "../05-cgroups/limits.ts";
import {
  connect,
  joinNetwork,
  nameFiles,
  networkOptions,
  newNetwork,
  prepareNetwork,
} from "../06-net/network.ts";
import { boxRoot, keepChanges, overlayOptions } from "./overlay.ts";

const known = { ...utsOptions, ...pidOptions, ...rootfsOptions, ...systemOptions, ...limitOptions };
const { options, command } = boxCommand({ ...known, ...networkOptions, ...overlayOptions });
await prepareNetwork(options);

const { take, hang } = letIn({ ...options, volume: [...nameFiles(options), ...options.volume] });
const env = environment(options.env);
const cgroup = createCgroup();
limit(cgroup, options);
const root = await boxRoot(options); // after createCgroup, which ends what dead launchers may have left on it

const namespaces = CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS | newNetwork(options);
const box = cloneInto(cgroup, namespaces, [
  ...dieWithLauncher(),
  ...waitForParent(), // until it has put us into our group, and plugged us in
  ...joinNetwork(options),
  ...ownNames(options),
  ...take,
  ...root.mounts,
  ...(options.chroot ? chrootInto(root.path) : pivotInto(root.path)),
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
await keepChanges(root, options);
