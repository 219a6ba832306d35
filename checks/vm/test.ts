// npm run test:vm: the checks, and the tests of the steps that meet the kernel's cgroups, on pure cgroup v2.
import { repository } from "../../lib/paths.ts";
import { bundleSteps } from "../steps.ts";
import { runInVm } from "./boot.ts";

const MINUTES = 40;
const files = process.argv.slice(2);
const tests =
  files.length > 0
    ? files
    : ["checks/checks.test.ts", "steps/05-cgroups", "steps/06-net", "steps/07-overlay"];

// Bundled here: starting tsx takes seconds in an emulated machine.
bundleSteps();

process.exitCode = await runInVm(
  `cd '${repository}'
   for module in veth bridge nf_tables nft_chain_nat nft_masq nft_ct loop sch_tbf sch_htb act_police; do modprobe -q $module; done
   export VM=yes CI=yes NO_COLOR=1 STEPS_BUNDLED='${process.env.STEPS_BUNDLED}'
   exec node node_modules/vitest/vitest.mjs run --testTimeout 600000 --hookTimeout 600000 ${tests.join(" ")}`,
  MINUTES * 60,
);
