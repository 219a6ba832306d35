// npm run offline: its archive is unpacked in an empty place, and used there without any network.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRoot } from "../checks/root.ts";

const MINUTES = 60_000;
const work = mkdtempSync(join(tmpdir(), "offline-"));
const empty = join(work, "empty");
const copy = join(empty, "linux-containers-diy");

const tsx = ["--import", import.meta.resolve("tsx")];
const offline = (...args: string[]) => {
  const env = { ...process.env, BOX_STORE: join(work, "store"), INIT_CWD: work };
  const command = [...tsx, join(import.meta.dirname, "offline.ts"), ...args];
  return spawnSync(process.execPath, command, { encoding: "utf8", env });
};

// Not ours: npx has put the node_modules of this repository into it.
const path = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

/** In the unpacked copy, with a home and a store that are empty, in a network namespace whose one interface is down. */
function there(command: string) {
  const home = mkdtempSync(join(work, "home-"));
  const env = {
    PATH: path,
    HOME: home,
    BOX_STORE: join(home, "store"),
    BOX_RUNTIME: join(home, "run"),
  };
  const { status, stdout, stderr } = spawnSync("unshare", ["--net", "sh", "-c", command], {
    ...{ cwd: copy, env, encoding: "utf8" },
  });
  return { status, stdout, stderr };
}

let made: ReturnType<typeof offline>;

beforeAll(() => {
  mkdirSync(empty);
  mkdirSync(join(work, "store"));
  makeRoot(join(work, "store/rootfs"), "carried");
  made = offline("room.tar");
  spawnSync("tar", ["-xf", join(work, "room.tar"), "-C", empty]);
}, 5 * MINUTES);
afterAll(() => rmSync(work, { recursive: true }), MINUTES);

test("it says how large it is, what is in it and how to use it", () => {
  expect(made).toMatchObject({ status: 0, stderr: "" });
  expect(made.stdout).toMatch(/^\S+room\.tar: [\d.]+ MiB, with node_modules, .*a root file system\n/);
  expect(made.stdout).toMatch(
    /nodejs npm .*nftables.*\n\n {2}tar -xf room\.tar && cd linux-containers-diy && sudo npm start\n/,
  );
});

test("it has what git has, and none of what is only here", () => {
  const files = spawnSync("git", ["ls-files"], { encoding: "utf8", cwd: join(import.meta.dirname, "..") });
  const missing = files.stdout.split("\n").filter((file) => !existsSync(join(copy, file)));
  expect(missing).toEqual([]);
  expect(readdirSync(empty)).toEqual(["linux-containers-diy"]);
  expect(existsSync(join(copy, ".git"))).toBe(false);
});

test("npm start -- echo hi", { timeout: 2 * MINUTES }, () => {
  const { status, stdout, stderr } = there("npm start --silent -- echo hi");
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: "hi\n" });
  expect(stderr).toMatch(/^rootfs: offline: from offline\/rootfs-\w+\.tar$/m);
});

test("a root file system made from it is the one that was carried", { timeout: 2 * MINUTES }, () => {
  const step = "node_modules/.bin/tsx steps/04-mnt-chroot/main.ts";
  const { status, stdout, stderr } = there(
    `npm run --silent rootfs -- offline --to $HOME/root && ${step} run --rootfs $HOME/root cat /etc/mark`,
  );
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: "carried" });
});

test.each([
  ["room.zip", /\.tar\.gz.*room\.zip/],
  ["nowhere/room.tar", /no directory .*nowhere/],
  ["--fast", /--fast.*--help/],
  ["a.tar b.tar", /one FILE/],
])("%s gets one line, and leaves nothing", (args, says) => {
  writeFileSync(join(work, "mark"), "");
  const before = readdirSync(work);
  const { status, stdout, stderr } = offline(...args.split(" "));
  expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
  expect(stderr).toMatch(/^box: .*\n$/);
  expect(stderr).toMatch(says);
  expect(readdirSync(work)).toEqual(before);
});

test("it can be written into the repository, and has neither itself nor the one before it in it", {
  timeout: 2 * MINUTES,
}, () => {
  const place = mkdtempSync(join(import.meta.dirname, "../site-"));
  try {
    for (const _ of ["first", "second"]) expect(offline(join(place, "room.tar")).status).toBe(0);
    const { stdout } = spawnSync("tar", ["-tf", join(place, "room.tar")], {
      encoding: "utf8",
      maxBuffer: 1e8,
    });
    const names = stdout.split("\n").filter((name) => /room|\.offline-|rootfs-.*\.tar/.test(name));
    expect(names).toEqual([expect.stringMatching(/^linux-containers-diy\/offline\/rootfs-\w+\.tar$/)]);
  } finally {
    rmSync(place, { recursive: true });
  }
});

test("compressed, it can be read too", { timeout: 2 * MINUTES }, ({ skip }) => {
  skip(spawnSync("zstd", ["--version"]).error !== undefined, "no zstd here: apt-get install zstd");
  expect(offline("room.tar.zst").status).toBe(0);
  expect(spawnSync("zstd", ["--test", join(work, "room.tar.zst")]).status).toBe(0);
});
