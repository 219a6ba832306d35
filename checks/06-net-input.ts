// Step 6: what cannot be. One line that says so, and nothing is left: refused() looks at the groups, which are made first.
import { isUsageError, usageHint } from "./01-exec.ts";
import { refused } from "./05-cgroups-input.ts";
import { check } from "./check.ts";
import { serve } from "./net.ts";

export const checks = [
  refused(6, "--network", ["moon", "container:0", "container:x"]),
  refused(6, "--publish", ["0:80", "70000:80", "80:70000", "banana", "8080"]),
  refused(6, "--publish", ["8080:80"], ["--network", "none"]),
  refused(6, "--dns", ["banana", "1.2.3"]),
  refused(6, "--bandwidth-in", ["banana", "0", "-1mbit"]),
  refused(6, "--bandwidth-out", ["banana", "0"]),

  ...(["tcp", "udp"] as const).map((protocol) =>
    check({
      since: 6,
      title: `--publish of a ${protocol} port that a program of the host's has: one line, 125`,
      run: [],
      commandLine: ["run", "--publish", `9999:80/${protocol}`, "true"],
      needs: ["usage errors"],
      before: (scene) => serve(scene, scene.host.pid, 9999),
      holds: (seen) => isUsageError(seen) && seen.stderr.includes("9999"),
      hint: usageHint("A port that is taken (named in the message)"),
    }),
  ),

  check({
    since: 6,
    title: "--publish of a port that another box has: one line, 125, and that box keeps it",
    run: [],
    commandLine: ["run", "--publish", "8080:80", "true"],
    needs: ["usage errors"],
    before: async ({ neighbour }) => {
      await neighbour(["--publish", "8080:80"]);
    },
    holds: (seen) => isUsageError(seen) && seen.stderr.includes("8080"),
    hint: usageHint("A port that another box has (named in the message)"),
  }),
];
