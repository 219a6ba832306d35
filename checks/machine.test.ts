// Where process 1 reaps nothing, as `sleep infinity` or `cat` in a container, what a check started may be dead and never gone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { repository } from "../lib/paths.ts";
import { sweepCheckGroups } from "./machine-groups.ts";

/** A program in the machine becomes an orphan, and dies with the machine. */
const ORPHAN = `
  import { spawn } from "node:child_process";
  import { once } from "node:events";
  import { startMachine } from "./checks/machine.ts";
  const machine = await startMachine(1);
  const [program, ...args] = machine.enter(["sh", "-c", "echo ready; exec sleep 60"]);
  const nsenter = spawn(program, args);
  await once(nsenter.stdout, "data");
  nsenter.kill("SIGKILL");
  await once(nsenter, "exit");
  await machine.stop().catch((error) => console.log(error.message));
`;

test("a machine that cannot go is given up", async () => {
  const node = [process.execPath, "--import", "tsx", "--input-type=module", "--eval", ORPHAN];
  const inside = ["sh", "-c", '"$@" </dev/null & exec cat', "sh", ...node];
  const outer = spawn("unshare", ["--pid", "--fork", "--mount-proc", "--kill-child", ...inside], {
    cwd: repository,
  });
  onTestFinished(async () => {
    outer.stdin.end();
    await once(outer, "exit");
    await sweepCheckGroups();
  });
  const line = await new Promise((resolve) => outer.stdout.once("data", (text) => resolve(`${text}`)));
  expect(line).toBe(
    "what ran in a check does not go: process 1 here (cat) seems to reap no orphans; docker has run --init\n",
  );
});
