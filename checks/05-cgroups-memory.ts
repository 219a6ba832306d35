// Step 5: memory. Who takes more than allowed is killed, and whoever started it is told why.
import { needsController } from "./cgroups.ts";
import { check } from "./check.ts";

const HOG = ["dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"];
const TOLD = /^box: .*memory/m;
const unless = needsController("memory");

export const checks = [
  check({
    since: 5,
    title: "--memory 64m: a command that takes 100 MB is killed, 137",
    run: HOG,
    options: ["--memory", "64m"],
    unless,
    holds: ({ status }) => status === 137,
    hint: ({ status, stderr }) =>
      status === 0
        ? "It got its 100 MB, at its first instruction. What is charged to another group before the command is in its own stays charged there: is it in before execve(2)? And does swap take what memory does not?"
        : `The run ended with ${status}: ${stderr.trim()}. The kernel kills with signal 9, and the shells' sum is 128 + 9.`,
  }),

  check({
    since: 5,
    title: "…and stderr says that it was for want of memory",
    run: HOG,
    options: ["--memory", "64m"],
    needs: ["says why"],
    unless,
    holds: ({ stderr }) => TOLD.test(stderr),
    hint: ({ stderr }) =>
      `stderr says ${JSON.stringify(stderr)}. “Killed”, and nobody knows by whom: the group counts it (memory.events; in version 1, memory.oom_control), until it is removed.`,
  }),

  check({
    since: 5,
    title: "a child that is killed does not end the box, and is told of",
    run: ["sh", "-c", `${HOG.join(" ")}; exit 3`],
    options: ["--memory", "64m"],
    needs: ["says why"],
    unless,
    holds: ({ status, stderr }) => status === 3 && TOLD.test(stderr),
    hint: ({ status, stderr }) =>
      status === 3
        ? `The command's 3 came back, but stderr says no word of what the kernel killed: ${JSON.stringify(stderr)}. An exit status of 137 is not the only sign of it.`
        : `The command itself exits with 3, the run with ${status}: one process of the group was killed, not all.`,
  }),

  check({
    since: 5,
    title: "--memory 200m: a command that takes 100 MB lives, and nothing is said",
    run: HOG,
    options: ["--memory", "200m"],
    unless,
    holds: ({ status, stderr }) => status === 0 && !stderr.includes("box:"),
    hint: ({ status, stderr }) =>
      `200 MB are enough for it, and it ended with ${status}: ${stderr.trim()}. In which unit is the limit written?`,
  }),

  check({
    since: 5,
    title: "--stats tells what was used, and how often the kernel killed",
    run: ["sh", "-c", `${HOG.join(" ")}; exit 0`],
    options: ["--memory", "64m", "--stats"],
    unless,
    holds: ({ stdout, stderr }) =>
      stdout === "" &&
      TOLD.test(stderr) &&
      /^box: .*\bcpu\b.*\d/im.test(stderr) &&
      /\b1 time|\b1\b/.test(stderr),
    hint: ({ stdout, stderr }) =>
      stdout === ""
        ? `Expected on stderr: lines that start with “box: ”, one on cpu and one on memory, and that one process was killed. It says ${JSON.stringify(stderr)}.`
        : `stdout belongs to the command, and has ${JSON.stringify(stdout)}.`,
  }),
];
