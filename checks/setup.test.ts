// setup.sh and Vagrantfile for real: on this machine, as another user, and on systems just installed.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repository } from "../lib/paths.ts";
import { stepCommand } from "./steps.ts";

const minutes = 60_000;
const cache = join(homedir(), ".cache/linux-containers-diy-tests");
const notRoot = process.getuid?.() !== 0;

let scratch: string;
let copy: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "setup-test-"));
  copy = join(scratch, "repository");
  succeed("chmod", ["755", scratch]);
  copyRepository(copy);
});

// To remove whole systems takes longer than a hook has by default.
afterAll(() => void succeed("rm", ["-rf", scratch]), 10 * minutes);

test("vagrant finds no fault with the Vagrantfile", ({ skip }) => {
  skip(!which("vagrant"), "no vagrant here: apt-get install vagrant");
  const env = { ...process.env, VAGRANT_HOME: join(scratch, "vagrant"), VAGRANT_CHECKPOINT_DISABLE: "1" };
  succeed("vagrant", ["validate", "--ignore-provider"], { cwd: copy, env });
});

test("this machine is made ready, and then setup.sh is silent and quick", { timeout: 5 * minutes }, ({
  skip,
}) => {
  skip(notRoot, "only root can install what is missing");
  expect(setup(copy)).toMatchObject({ status: 0 });
  const silently = () => expect(setup(copy)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  const npm = () => succeed("npm", ["--version"]); // whose start it comes on top of
  expect(fastest(silently) / fastest(npm)).toBeLessThan(1);
});

/** Of five times: ms. */
const fastest = (act: () => void): number =>
  Math.min(
    ...Array.from({ length: 5 }, () => {
      const start = performance.now();
      act();
      return performance.now() - start;
    }),
  );

test("a user without nft is told how to get it", ({ skip }) => {
  const nft = which("nft");
  skip(notRoot || !nft, "only root can hide nft(8) from a user, and it has to be there");
  const hidden =
    'mount --bind /dev/null "$1" && exec setpriv --reuid=65534 --regid=65534 --clear-groups sh setup.sh';
  expect(run("unshare", ["--mount", "sh", "-c", hidden, "sh", nft], { cwd: copy })).toMatchObject({
    status: 125,
    stderr: "setup: no nft, so the workshop cannot start: sudo apt-get install nftables\n",
  });
});

const systems = [
  { system: "Debian 12", suite: "bookworm", components: "main" },
  { system: "Debian 13", suite: "trixie", components: "main" },
  { system: "Ubuntu 24.04", suite: "noble", components: "main,universe" },
];

// A box of our own is such a machine: with --privileged, and a store that is not on its overlay. The repository is in
// /vagrant, where the Vagrantfile puts it: entering the box again is like starting the VM again.
for (const { system, suite, components } of systems)
  test(`a new ${system} in a box is made ready, and every step works there`, { timeout: 15 * minutes }, ({
    skip,
  }) => {
    const mirror = mirrorFor(suite, skip);
    const root = join(scratch, suite);
    installSystem(root, { suite, components, mirror });
    copyRepository(join(root, "vagrant"));

    const first = boxed(root, "sh setup.sh --test");
    expect(first).toMatchObject({ status: 0 });
    expect(first.stderr).toContain("setup: no ip, nft, static busybox: apt-get install iproute2");
    expect(boxed(root, "env -i bash -lc 'node -v'").stdout).toMatch(/^v(20\.19|2[2-9])\./);

    const changed = "touch /mark && sh setup.sh --test && find / -xdev -cnewer /mark";
    expect(boxed(root, changed)).toMatchObject({ status: 0, stdout: "", stderr: "" });

    const all = boxed(
      root,
      "sh setup.sh && npm run --silent rootfs -- host && npm run --silent doctor -- --json",
    );
    expect(all.status, all.stdout + all.stderr).toBe(0);
    expect(JSON.parse(all.stdout).steps.map(({ works }: { works: boolean }) => works)).not.toContain(false);
    const inner = boxed(root, "sh setup.sh && npm start --silent -- --network none echo hi");
    expect(inner).toMatchObject({ status: 0, stdout: "hi\n" });
  });

/** The archive to take a release from, or the test is skipped, with the reason. */
function mirrorFor(suite: string, skip: (condition: boolean, note: string) => void): string {
  skip(process.env.SETUP_ROOTS !== "1", "minutes of work, wanted by SETUP_ROOTS=1");
  skip(notRoot, "only root can install a system");
  const mirror = mirrorOf(suite);
  skip(!mirror, `${suite} is in none of the archives that apt-get uses here`);
  return mirror!;
}

/** The first of apt-get's archives that has the release; undefined when none has, or there is no network. */
function mirrorOf(suite: string): string | undefined {
  const sites = run("apt-get", ["indextargets", "--format", "$(SITE)", "Created-By: Packages"]).stdout;
  const brief = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10"];
  return [...new Set(sites.split("\n").filter(Boolean))].find((site) => {
    const file = [`${site}/dists/${suite}/Release`, join(scratch, "Release")];
    return run("/usr/lib/apt/apt-helper", [...brief, "download-file", ...file]).status === 0;
  });
}

/** Makes the system with debootstrap(8), and keeps it: the next time it is unpacked. */
function installSystem(root: string, from: { suite: string; components: string; mirror: string }): void {
  const archive = join(cache, `${from.suite}-minbase.tar.gz`);
  mkdirSync(cache, { recursive: true });
  mkdirSync(root);
  if (existsSync(archive)) {
    succeed("tar", ["xzf", archive, "-C", root]);
  } else {
    const options = ["--variant=minbase", `--components=${from.components}`];
    succeed("unshare", ["--mount", "debootstrap", ...options, from.suite, root, from.mirror]);
    succeed("tar", ["czf", `${archive}.part`, "-C", root, "."]);
    renameSync(`${archive}.part`, archive);
  }
  takeOverSettings(root);
}

/** What lets this machine reach its package archives lets the system in `root` reach them too. */
function takeOverSettings(root: string): void {
  const certificates = process.env.NODE_EXTRA_CA_CERTS;
  cpSync("/etc/resolv.conf", join(root, "etc/resolv.conf"), { dereference: true });
  cpSync("/etc/apt/apt.conf.d", join(root, "etc/apt/apt.conf.d"), { recursive: true });
  if (existsSync(join(homedir(), ".npmrc"))) cpSync(join(homedir(), ".npmrc"), join(root, "root/.npmrc"));
  if (certificates) cpSync(certificates, join(root, "root/certificates.pem"), { dereference: true });
  // This system is thrown away: nothing in it has to survive a power failure.
  writeFileSync(join(root, "etc/dpkg/dpkg.cfg.d/fast"), "force-unsafe-io\n");
}

/** What in the environment it takes to reach an archive from here. */
const reaching = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => /_proxy$/i.test(name))),
  ...(process.env.NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS: "/root/certificates.pem" } : {}),
});

/** Runs a shell command in a box whose root is the system; what it changes there stays, as on a disk. */
function boxed(root: string, command: string) {
  const store = join(scratch, "store");
  const kept = join(root, "store");
  mkdirSync(kept, { recursive: true });
  const options = [
    ...["--privileged", "--network", "host", "--rootfs", root, "--name", basename(root)],
    ...["--volume", `${kept}:/var/lib/linux-containers-diy`],
    ...Object.entries(reaching()).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
  ];
  const [node, ...step] = [
    ...stepCommand("07-overlay"),
    "run",
    ...options,
    "sh",
    "-c",
    `cd /vagrant && ${command}`,
  ];
  return run(node!, step, {
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: undefined,
      BOX_STORE: store,
      BOX_RUNTIME: join(scratch, "run"),
    },
  });
}

/** Copies what git has or would add: no node_modules, nothing else that was made here. */
function copyRepository(to: string): void {
  const list = succeed("git", ["ls-files", "-coz", "--exclude-standard"], { cwd: repository });
  for (const file of list.split("\0").filter(Boolean)) {
    const from = join(repository, file);
    mkdirSync(dirname(join(to, file)), { recursive: true });
    if (existsSync(from)) cpSync(from, join(to, file));
  }
}

const setup = (cwd: string) => run("sh", ["setup.sh", "--test"], { cwd });

const which = (command: string) => run("sh", ["-c", `command -v ${command}`]).stdout.trim();

type Where = { cwd?: string; env?: NodeJS.ProcessEnv };

function run(command: string, args: string[], where: Where = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { ...where, encoding: "utf8" });
  return { status, stdout: stdout ?? "", stderr: stderr ?? "" };
}

function succeed(command: string, args: string[], where?: Where): string {
  const { status, stdout, stderr } = run(command, args, where);
  expect(status, `${command} ${args.join(" ")}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}
