// The guard around all tests, put to the test itself on a host of its own: it must find whatever is left there.
import { spawnSync } from "node:child_process";
import { readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
const cgroupRoot = mounts.find((line) => / - cgroup2? /.test(line))?.split(" ")[4];
const cgroup = join(cgroupRoot!, `left-${process.pid}`);

const left: [kind: string, command: string][] = [
  ["process", "sleep 1000 &"],
  ["mount", "mount -t tmpfs tmpfs /mnt"],
  ["interface", "ip link add name box-left type bridge"],
  ["address", "ip addr add 192.0.2.1/24 dev box-left"],
  ["route", "ip link set box-left up"],
  ["nft rule", "nft add table inet box"],
  ["cgroup", `mkdir ${cgroup}`],
  ["System V object", "ipcmk -Q >/dev/null"],
  ["setting", "hostname box-left"],
  ["temporary file", "touch $TMPDIR/box-left"],
  ["file of ours", "mkdir -p $BOX_STORE/running/1-1"],
];

const watched = (script: string) => `
  import { spawnSync } from "node:child_process";
  import { setup, teardown } from "${join(import.meta.dirname, "host.ts")}";
  setup();
  spawnSync("sh", ["-c", ${JSON.stringify(script)}], { stdio: "inherit" });
  await teardown();`;

/** Runs `script` between setup and teardown, in namespaces that end with it. */
function leave(script: string) {
  const own = ["--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const node = [
    process.execPath,
    "--import",
    import.meta.resolve("tsx"),
    "--input-type=module",
    "--eval",
    watched(script),
  ];
  return spawnSync("unshare", [...own, ...node], { encoding: "utf8" });
}

test("whatever is left on the host is found", () => {
  onTestFinished(() => rmdirSync(cgroup));
  const { status, stderr } = leave(left.map(([, command]) => command).join("\n"));
  const found = [...stderr.matchAll(/^ {2}\+ ([^:]+): /gm)].map(([, kind]) => kind);
  expect([...new Set(found)].sort()).toEqual(left.map(([kind]) => kind).sort());
  expect(status).toBe(1);
});

test("a host left alone is left in peace", () => {
  expect(leave("hostname >/dev/null")).toMatchObject({ status: 0, stderr: "" });
});
