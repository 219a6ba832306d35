// npm run doctor on machines from which something was taken away: in namespaces, so that this one keeps it.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRoot } from "../../checks/root.ts";
import { stepCommand } from "../../checks/steps.ts";
import { hierarchies } from "../../lib/cgroups.ts";
import { repository } from "../../lib/paths.ts";
import { stepNames as allSteps } from "../words.ts";
import type { Finding } from "./machine.ts";
import type { Verdict } from "./steps.ts";

const doctor = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  join(import.meta.dirname, "doctor.ts"),
];
const work = mkdtempSync(join(tmpdir(), "doctor-"));
const store = join(work, "store");

beforeAll(() => {
  mkdirSync(store);
  makeRoot(join(store, "rootfs"), "doctor");
});
afterAll(() => rmSync(work, { recursive: true }));

const stepNames = allSteps();

type Report = { machine: Finding[]; steps: Verdict[] };

/** What the doctor says after `prepare`, a line of shell, in namespaces of its own. */
function examine(prepare: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const own = ["--mount", "--net", "sh", "-ec", `${prepare}\nexec "$@"`, "sh"];
  const { status, stdout, stderr, pid } = spawnSync("unshare", [...own, ...doctor, "--json", ...args], {
    encoding: "utf8",
    env: { ...process.env, BOX_STORE: store, BOX_RUNTIME: join(work, "run"), ...env },
  });
  expect(stderr).toBe("");
  const { machine, steps }: Report = JSON.parse(stdout);
  const found = Object.fromEntries(machine.map(({ about, found }) => [about, found]));
  const fine = Object.fromEntries(machine.map(({ about, fine }) => [about, fine]));
  return {
    status,
    pid,
    found,
    fine,
    steps,
    broken: steps.filter(({ works }) => !works).map(({ step }) => step),
  };
}

const from = (number: number): string[] => stepNames.filter((name) => Number.parseInt(name, 10) >= number);

test("where nothing is missing, all steps work, and nothing is left", () => {
  const before = readdirSync(store);
  const { status, broken, fine, pid } = examine("");
  expect({ status, broken }).toEqual({ status: 0, broken: [] });
  expect(fine).toMatchObject({ namespaces: true, limits: true, overlay: true, NAT: true, bandwidth: true });
  expect(readdirSync(store)).toEqual(before);
  const groups = hierarchies().flatMap(({ root }) => readdirSync(root));
  expect(groups.filter((name) => name.startsWith(`box-${pid}-`))).toEqual([]);
});

test("without nft, step 6 and later do not, and it says what to install", () => {
  const bin = join(work, "bin");
  mkdirSync(bin);
  for (const place of ["/usr/sbin", "/usr/bin", "/sbin", "/bin"])
    for (const name of readdirSync(place)) if (name !== "nft") link(join(place, name), join(bin, name));
  const { status, broken, steps, found } = examine("", ["5", "6", "7"], { PATH: bin });
  expect({ status, broken }).toEqual({ status: 1, broken: from(6) });
  expect(steps[1]).toMatchObject({
    because: expect.stringMatching(/^nft is not in PATH/),
    do: expect.stringContaining("nftables"),
  });
  expect(found.tools).toContain("nft");
});

function link(from: string, to: string): void {
  try {
    symlinkSync(from, to);
  } catch {} // both /bin and /usr/bin have it
}

test("root without capabilities can do step 1 alone", () => {
  const { status, broken, found } = examine('set -- setpriv --bounding-set=-all --inh-caps=-all "$@"', [
    "1",
    "2",
  ]);
  expect({ status, broken }).toEqual({ status: 1, broken: ["02-uts"] });
  expect(found).toMatchObject({ capabilities: "none", namespaces: expect.stringContaining("pid (EPERM)") });
});

test("another user is told to be root", ({ skip }) => {
  const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  const sees = spawnSync("setpriv", [...nobody, "ls", repository], { stdio: "ignore" }).status === 0;
  skip(!sees, "the repository is where only root can read it");
  const { status, broken, steps } = examine(`set -- setpriv ${nobody.join(" ")} "$@"`);
  expect({ status, broken }).toEqual({ status: 1, broken: from(2) });
  expect(steps.slice(1).map((verdict) => verdict.do)).toEqual(
    from(2).map(() => expect.stringMatching(/^be root: sudo/)),
  );
});

test.each([
  ["/proc that is masked", "mount -t tmpfs tmpfs /proc", 1, /^mount -t proc/],
  [
    "settings that cannot be changed",
    "mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys",
    6,
    /more rights|lacks capabilities/,
  ],
  ["no cgroups", "umount -R /sys/fs/cgroup", 5, /^mount -t cgroup2/],
  [
    "a store that is read-only",
    `mount --bind ${store} ${store}; mount -o remount,bind,ro ${store}`,
    7,
    /BOX_STORE/,
  ],
  [
    "a full disk",
    `mkdir ${work}/full; mount -t tmpfs -o size=8m tmpfs ${work}/full; cp -a ${store}/rootfs ${work}/full; head -c 9m /dev/zero >${work}/full/x 2>${work}/no || true; mount --move ${work}/full ${store}`,
    7,
    /^free some space/,
  ],
])("with %s", (_, prepare, first, cure) => {
  const { status, broken, steps } = examine(prepare, stepNames.slice(Math.max(0, first - 2), first));
  expect({ status, broken }).toEqual({ status: 1, broken: stepNames.slice(first - 1, first) });
  expect(steps.at(-1)!.do).toMatch(cure);
});

test("where there is no root file system yet, it says so, and that all else is there", () => {
  const { status, broken, steps } = examine("", ["03-pid", "4"], { BOX_STORE: join(work, "none") });
  expect({ status, broken }).toEqual({ status: 1, broken: ["04-mnt-chroot"] });
  expect(steps[1]!.do).toMatch(/^npm run rootfs/);
  expect(readdirSync(work)).not.toContain("none");
});

test.each([
  ["of ours lets not even step 1 do its work", [], from(1)],
  ["of ours with --privileged lets all of them", ["--privileged"], []],
])("a box %s", (_, options, expected) => {
  const volumes = [repository, work].flatMap((path) => ["--volume", `${path}:${path}`]);
  const env = ["BOX_STORE", "BOX_RUNTIME", "STEPS_BUNDLED", "PATH"].flatMap((name) => ["--env", name]);
  const box = [...stepCommand("07-overlay"), "run", "--rootfs", "/", ...volumes, ...env, ...options];
  const { broken, steps } = examine(`cd ${repository}; set -- ${box.join(" ")} "$@"`);
  expect(broken).toEqual(expected);
  for (const verdict of steps.filter(({ works }) => !works)) expect(verdict.do).toMatch(/more rights/);
});
