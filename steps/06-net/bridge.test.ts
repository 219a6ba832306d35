// What boxes share on the host, and who takes it away.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repository } from "../../lib/paths.ts";
import {
  ask,
  type Box,
  directory,
  endOf,
  env,
  onHost,
  output,
  run,
  server,
  sh,
  shared,
  start,
  stepArgs,
  world,
} from "./testing.ts";

describe("other tables", () => {
  test("that drop what is forwarded are told of, in one line, until they know the bridge", () => {
    onHost('nft "chain ip filter FORWARD { policy drop; }"');
    const { status, stderr } = run([], ["true"]);
    expect(stderr).toMatch(/^box: .*ip filter FORWARD.*insert rule.*\n$/);
    expect(status).toBe(0);
    onHost(
      "nft insert rule ip filter FORWARD iifname box0 accept; nft insert rule ip filter FORWARD oifname box0 accept",
    );
    expect(output([], "ping -c 1 -W 3 203.0.113.1")).toContain(" 0% packet loss");
    onHost('nft "flush chain ip filter FORWARD; chain ip filter FORWARD { policy accept; }"');
  });
});

describe("a launcher that was killed", () => {
  const publish = ["--publish", "8080:80"];
  const sweep = () => {
    const script = `import("${import.meta.dirname}/bridge.ts").then((step) => step.sweepBridge());
      import("${repository}/lib/names.ts").then((names) => names.sweepNames())`;
    onHost(`node --import tsx --eval "${script.replaceAll('"', '\\"')}"`);
  };
  async function kill(box: Box): Promise<void> {
    box.process.kill("SIGKILL");
    await once(box.process, "exit");
  }

  test("leaves what the next run removes, beside a living box as well: its port is free again", async () => {
    const neighbour = await start([], "echo ready");
    await kill(await start(publish, "echo ready"));
    const box = await start([...shared, "--publish", "8080:81"], server(81));
    expect(ask(world, "tcp", "203.0.113.2", 8080)).toBe("203.0.113.1");
    await box.end();
    await neighbour.end();
  });

  test("leaves what npm run clean sweeps", async () => {
    await kill(await start(publish, "echo ready"));
    sweep();
  });

  test("and so when somebody has deleted the bridge since", async () => {
    await kill(await start(publish, "echo ready"));
    onHost("ip link del box0");
    sweep();
  });

  test("leaves settings of the network that the next box puts back, the bridge deleted or not", async () => {
    await kill(await start([], "echo ready"));
    onHost("ip link del box0");
    expect(run([], ["true"])).toMatchObject({ status: 0, stderr: "" });
  });
});

test("the last box to leave puts the settings back, whatever BOX_RUNTIME the first one had", async () => {
  const first = await start([], "echo ready");
  const other = join(directory, "other");
  const last = spawn("nsenter", stepArgs([], ["sh", "-c", "echo ready; read line"]), {
    env: { ...env, BOX_RUNTIME: other },
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(last.stdout, "data");
  await first.end();
  await endOf(last);
  rmSync(other, { recursive: true });
});

test("a signal that comes while the network is made ends the box, not the clean-up", async () => {
  const bin = join(directory, "slow");
  mkdirSync(bin);
  writeFileSync(join(bin, "nft"), `#!/bin/sh\nsleep 0.5\nexec ${sh("command -v nft").trim()} "$@"\n`, {
    mode: 0o755,
  });
  const slow = { ...env, PATH: `${bin}:${process.env.PATH}` };
  const launcher = spawn("nsenter", stepArgs([], ["sleep", "60"]), { env: slow, stdio: "ignore" });
  onHost("for i in $(seq 200); do ip link show box0 2>/dev/null && break; sleep 0.05; done");
  launcher.kill("SIGINT");
  expect(await once(launcher, "exit")).toEqual([130, null]);
});
