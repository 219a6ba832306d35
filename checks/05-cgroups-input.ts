// Step 5: what makes no sense as a limit. One line that says so, before anything is made.
import { isUsageError, usageHint } from "./01-exec.ts";
import { check, type Ending } from "./check.ts";

interface Answers {
  endings: { value: string; ending: Ending }[];
  groups: string[];
}

/** A check that each of `values` for an option is answered by one line, 125, and that nothing is left of it. */
export const refused = (since: number, option: string, values: string[], more: string[] = []) =>
  check<string[], unknown, Answers>({
    since,
    title: `${option} ${values.join(" | ")}: one line, 125, nothing left`,
    run: ["true"],
    needs: ["usage errors"],
    unless: () =>
      process.env.VM ? "read alike on every kernel, and many starts for an emulated one" : undefined,
    before: ({ host }) => host.groups(),
    after: async ({ another, host }) => ({
      endings: await Promise.all(
        values.map(async (value) => ({
          value,
          ending: await another([...more, option, value], ["echo", "ran"]),
        })),
      ),
      groups: host.groups(),
    }),
    holds: ({ before, after }) =>
      firstWrong(option, after) === undefined && after.groups.join() === before.join(),
    hint: (seen) => {
      const wrong = firstWrong(option, seen.after);
      return wrong
        ? usageHint(`${option} ${wrong.value}, named in the message,`)({ ...seen, ...wrong.ending })
        : `The answers are right, but on the host are left the groups ${seen.after.groups.join(" ")}: look at what can be wrong before making anything.`;
    },
  });

const firstWrong = (option: string, { endings }: Answers) =>
  endings.find(({ ending }) => !isUsageError(ending) || !ending.stderr.includes(option));

export const checks = [
  refused(5, "--memory", ["banana", "1.5g", "-1", "0", "5m", "99999999999999g"]),
  refused(5, "--memory-swap", ["63m", "banana"], ["--memory", "64m"]),
  refused(5, "--memory-reservation", ["65m", "0"], ["--memory", "64m"]),
  refused(5, "--cpus", ["banana", "-1", "0", "4096", "1,5"]),
  refused(5, "--cpu-shares", ["banana", "1", "262145"]),
  refused(5, "--cpuset-cpus", ["banana", "4096", "1-0"]),
  refused(5, "--pids-limit", ["banana", "-1", "0", "1.5"]),
  refused(5, "--device", ["/dev/nothing", "/etc/passwd"]),
  refused(5, "--device-write-bps", ["/dev/nothing:1m", "/dev/null:1m", "1m"]),
];
