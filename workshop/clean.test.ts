// npm run clean, on a machine of its own: in new namespaces, and in the groups of a cgroup, which there are the top.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { makeRoot } from "../checks/root.ts";
import { imagesCommand, stepCommand } from "../checks/steps.ts";
import { hierarchies } from "../lib/cgroups.ts";
import { machineRuntime } from "../lib/paths.ts";

const words = (argv: string[]) => argv.map((word) => `'${word}'`).join(" ");
const clean = words([
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  join(import.meta.dirname, "clean.ts"),
]);

let work: string;
let script: string;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "clean-"));
  onTestFinished(removeGroups);
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  makeRoot(join(work, "root"), "clean");
  // Functions for the scripts: a box in the background that has begun, and its launcher's pid in $!.
  script = `
    box() { ${words(stepCommand("07-overlay"))} run --rootfs ${work}/root "$@"; }
    begin() {
      mkfifo $WORK/ready
      ${words(stepCommand("07-overlay"))} run --rootfs $WORK/root --publish 8080:80 "$@" sh -c 'echo up; sleep 100' >$WORK/ready 2>$WORK/stderr &
      read _ <$WORK/ready; rm $WORK/ready
    }
    images() { ${words(imagesCommand())} "$@"; }
    clean() { ${clean} "$@"; }
    ip link set lo up
    mount -t tmpfs tmpfs /run # a box notes there what it changed in the network, whatever BOX_RUNTIME says
    ${climb}
  `;
});

const tops = hierarchies().map(({ root }) => ({ root, group: `${root}/clean-${process.pid}` }));
// A group that a process may enter: version 1 wants to know of CPUs and memory first.
const enter = `
  for root in ${tops.map(({ root }) => root).join(" ")}; do
    group=$root/clean-${process.pid}
    mkdir $group
    for file in cpuset.cpus cpuset.mems; do [ ! -e $root/tasks -o ! -e $root/$file ] || cat $root/$file >$group/$file; done
    echo $$ >$group/cgroup.procs
  done
  exec "$0" "$@"`;
const climb = tops.map(({ root, group }) => `mount --bind ${group} ${root}`).join("\n");

/** Groups of a machine that is no more: its processes are dying. */
async function removeGroups(): Promise<void> {
  for (const { group } of tops)
    for (let tries = 0; existsSync(group) && tries < 100; tries++) {
      const below = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      for (const { name } of below) spawnSync("rmdir", [join(group, name)]);
      if (spawnSync("rmdir", [group]).status === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

/** Runs shell lines there, and what they wrote and how they ended. */
function there(lines: string) {
  const own = [
    "--mount",
    "--net",
    "--uts",
    "--ipc",
    "--cgroup",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
  ];
  const env = {
    ...process.env,
    NODE_EXTRA_CA_CERTS: undefined,
    WORK: work,
    BOX_STORE: join(work, "store"),
    BOX_RUNTIME: join(work, "run"),
    XDG_CACHE_HOME: join(work, "cache"),
  };
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-ec", enter, "unshare", ...own, "sh", "-c", script + lines],
    {
      encoding: "utf8",
      env,
    },
  );
  return { status, stderr, lines: stdout.split("\n").filter(Boolean) };
}

const shape = (lines: string[]) =>
  lines.map((line) => line.replaceAll(work, "").replace(/\d+-\d+\b/, "PID-START"));

/** Everything a box that was killed leaves. */
const left = [
  "cgroup box-PID-START",
  "interface box0",
  "nft table inet box0",
  "changed network settings",
  "/run/names/PID-START",
  "/store/running/PID-START",
];

test("what a killed launcher has left is told, removed, and gone", () => {
  const seen = there(`
    begin; kill -9 $!; wait $! 2>/dev/null
    clean --dry-run; clean; clean
    ip -br link; nft list ruleset; cat /proc/sys/net/ipv4/ip_forward; ls $WORK/store/running $WORK/run/names`);
  expect(seen.stderr).toBe("");
  const would = left.map((each) => `would remove ${each}`);
  const did = left.map((each) => `removed ${each}`);
  const [lo, forward, ...rest] = seen.lines.slice(left.length * 2 + 1);
  expect(shape(seen.lines.slice(0, left.length * 2 + 1))).toEqual([
    ...would,
    ...did,
    "nothing of ours is here",
  ]);
  expect(lo).toMatch(/^lo /);
  expect([forward, ...rest].filter((line) => !line!.endsWith(":"))).toEqual(["0"]);
});

test("a box that lives is told of and left alone; --all ends it, and removes what was made to be kept", () => {
  const seen = there(`
    box --name mine true
    images import small $WORK/root >/dev/null
    mkdir -p $WORK/store/rootfs/bin $WORK/cache/linux-containers-diy
    begin; clean; kill -0 $! && echo alive
    clean --all; wait $!; echo status $?; clean; ls -A $WORK/cache; ls -d $WORK/store $WORK/run 2>/dev/null`);
  expect(seen.stderr).toBe("");
  const kept = ["box mine", "image small", "/store/rootfs", "/cache/linux-containers-diy"];
  expect(shape(seen.lines)).toEqual([
    `kept: box PID-START, which runs, ${kept.join(", ")} (--all removes these too)`,
    "alive",
    "removed box PID-START, which runs",
    ...kept.map((each) => `removed ${each}`),
    "removed /store",
    "removed /run",
    `removed ${machineRuntime}`,
    "status 143",
    "nothing of ours is here",
  ]);
});

test("nothing of anybody else's is touched, however like ours it looks", () => {
  for (const place of ["run/names", "store/mine"]) mkdirSync(join(work, place), { recursive: true });
  writeFileSync(join(work, "store/mine/file"), "mine\n");
  const seen = there(`
    begin; kill -9 $!; wait $! 2>/dev/null
    ip link add box1 type bridge; ip link add box00 type veth peer name box01
    for root in ${tops.map(({ root }) => root).join(" ")}; do mkdir $root/box-web; done
    nft add table inet box1; nft add table ip box0; nft add table ip filter
    clean --all | grep -c removed
    ip -br link | cut -d' ' -f1 | sort; nft list tables; cat $WORK/store/mine/file`);
  expect(seen.stderr).toBe("");
  expect(seen.lines.slice(1).map((line) => line.split("@")[0])).toEqual([
    ...["box00", "box01", "box1", "lo"],
    ...["table inet box1", "table ip box0", "table ip filter"],
    "mine",
  ]);
  expect(tops.filter(({ group }) => !existsSync(`${group}/box-web`))).toEqual([]);
});

test.each([
  ["another user", `setpriv --reuid=65534 --clear-groups ${clean}`, /only root .*sudo/],
  ["an unknown option", "clean --everything", /--everything.*--help/],
  ["a word too many", "clean all", /'all'.*--help/],
])("%s gets one line", (_, command, says) => {
  const { status, stderr, lines } = there(command);
  expect({ status, lines }).toEqual({ status: 125, lines: [] });
  expect(stderr).toMatch(/^box: .*\n$/);
  expect(stderr).toMatch(says);
});
