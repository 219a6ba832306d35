// npm run test:vm: on a kernel with pure cgroup v2, the tests of step 5, all checks on it, and what its lesson shows. Then,
// in a group that is not the root, as in a container: a check of limits, and every step once, by npm run doctor.
import { repository } from "../../lib/paths.ts";
import { bundleSteps } from "../steps.ts";
import { runInVm } from "./boot.ts";

const MINUTES = 60;
const modules = ["veth", "bridge", "nf_tables", "nft_chain_nat", "nft_masq", "loop", "sch_tbf"];
const vitest = "node node_modules/vitest/vitest.mjs run --testTimeout 600000 --hookTimeout 600000";

// The store is memory of its own: no overlay can lie on the one that / is.
const inContainer = `umount /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && export BOX_STORE=/run/store
  ${vitest} checks/checks.test.ts -t "step 05.* --memory 64m: a command that takes 100 MB is killed" &&
  node --import tsx rootfs-fetch.ts host && node --import tsx workshop/doctor/doctor.ts`;

// Bundled here: starting tsx takes seconds in an emulated machine.
bundleSteps();

process.exitCode = await runInVm(
  `cd '${repository}' && modprobe -qa ${modules.join(" ")}
   export VM=yes CI=yes NO_COLOR=1 STEPS_BUNDLED='${process.env.STEPS_BUNDLED}'
   ${vitest} ${process.argv.slice(2).join(" ") || "steps/05-cgroups"}
   first=$?
   ${vitest} checks/checks.test.ts -t 'step 05'
   second=$?
   LESSONS=05 ${vitest} workshop/lessons/transcripts.test.ts -t lessons
   third=$?
   cd /sys/fs/cgroup && echo '+cpuset +cpu +io +memory +pids' >cgroup.subtree_control
   mkdir container && echo 0 >container/cgroup.procs && cd '${repository}'
   unshare --mount --cgroup sh -c '${inContainer}'
   exit $((first | second | third | $?))`,
  MINUTES * 60,
);
