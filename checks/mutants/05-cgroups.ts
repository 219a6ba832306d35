import { type Mutant, mutant } from "./mutant.ts";

const MAIN = "05-cgroups/main.ts";
const CGROUP = "05-cgroups/cgroup.ts";
const LIMITS = "05-cgroups/limits.ts";

const NOT_BORN_THERE: Mutant["edits"][number] = [CGROUP, "fd === undefined ? {} : { cgroup: fd }", "{}"];
const NOT_PUT_THERE: Mutant["edits"][number] = [
  CGROUP,
  "if (version === 1) put(`${directory}/cgroup.procs`, child.pid);",
  "if (version === 3) put(directory, 0);",
];

export const mutants: Mutant[] = [
  {
    mistake: "the group is made and limited, and nobody is in it",
    edits: [NOT_BORN_THERE, NOT_PUT_THERE],
    caughtBy: "the box is in control groups that its launcher is not in",
    hint: /Who writes which pid into which cgroup.procs/,
  },
  {
    mistake: "the command joins its group when it already runs",
    edits: [
      NOT_BORN_THERE,
      NOT_PUT_THERE,
      [
        MAIN,
        "box.resume();\n",
        `box.resume();
setTimeout(() => {
  for (const { directory } of cgroup) process.getBuiltinModule("fs").writeFileSync(\`\${directory}/cgroup.procs\`, \`\${box.pid}\`);
}, 1000).unref();
`,
      ],
    ],
    caughtBy: "--pids-limit 1 holds before",
    hint: /does the command wait until it is there/,
  },
  mutant(
    "the memory limit is written to the wrong file",
    [
      LIMITS,
      'memory: [{ "memory.max": String }, { "memory.limit_in_bytes": String }]',
      'memory: [{ "memory.low": String }, { "memory.soft_limit_in_bytes": String }]',
    ],
    "--memory 64m: a command that takes 100 MB is killed",
    /It got its 100 MB|memsw/,
  ),
  mutant(
    "the quota is in the wrong unit",
    [LIMITS, "cpus * 100_000", "cpus * 1_000_000"],
    "--cpus 0.5: cpu.max says",
    /says 500000/,
  ),
  mutant(
    "the limit on processes is never written",
    [LIMITS, 'pidsLimit: [{ "pids.max": String }, { "pids.max": String }]', "pidsLimit: [{}, {}]"],
    "--pids-limit 20: pids.max says",
    /pids.max|takes the cgroup controller/,
  ),
  mutant(
    "no cgroup namespace",
    [MAIN, "  ...cgroupNamespace(cgroup, options),\n", ""],
    "the box sees its own group as the root",
    /is there a new namespace/,
  ),
  mutant(
    "the box can write to its group",
    [CGROUP, "HARMLESS | (privileged ? 0 : MS_RDONLY)", "HARMLESS"],
    "the box's group is mounted in /sys/fs/cgroup, read-only",
    /Who can write there sets its own limits/,
  ),
  mutant(
    "any device can be opened",
    [LIMITS, "  limitDevices(cgroup, options);\n", ""],
    "a disk that was not asked for cannot be opened",
    /The group can refuse/,
  ),
  mutant(
    "the group is not removed",
    [CGROUP, "  atExit(() => removeCgroup(cgroup));\n", ""],
    "when the command has ended, its groups are gone",
    /Left on the host: box-.*stays until somebody removes it/,
  ),
  mutant(
    "nobody says why it was killed",
    [MAIN, "report(cgroup, options);\n", ""],
    "…and stderr says that it was for want of memory",
    /the group counts it/,
  ),
];
