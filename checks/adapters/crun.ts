// crun: podman's runtime, in C.
import { join } from "node:path";
import type { Program } from "../programs.ts";
import { writeBundle } from "./bundle.ts";
import { parse } from "./options.ts";
import { id, OCI_LACKS } from "./runc.ts";

// crun before 1.9 refuses a host with both versions of cgroups: let it see only one.
const ONE_VERSION =
  'if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi; exec "$@"';

export const crun: Program = {
  name: "crun",
  step: 6,
  start: (args, dir) => [
    ...["unshare", "--mount", "sh", "-c", ONE_VERSION, "sh"],
    ...["crun", "--root", join(dir, "state"), "--cgroup-manager=cgroupfs"],
    ...["run", "--bundle", writeBundle(dir, parse(args)), id(dir)],
  ],
  takesRoot: true,
  lacks: {
    ...OCI_LACKS,
    "refuses directories": "it hands on what it is given: docker and podman put a pipe or a terminal there",
  },
};
