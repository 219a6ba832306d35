import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { machine } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeRootfs } from "../rootfs-fetch.ts";
import {
  alpineLike,
  expectWorkingRoot,
  failure,
  inside,
  mirror,
  place,
  refusal,
  to,
} from "./rootfs-fetch.stage.ts";
import { ended, releaseAt, serve, start } from "./rootfs-fetch.tools.ts";

describe("the kinds", () => {
  test("host: out of a static busybox", async () => {
    const { kind, why } = await makeRootfs({ kind: "host", to });
    expect({ kind, why }).toEqual({ kind: "host", why: expect.stringMatching(/busybox/) });
    expectWorkingRoot();
  });

  test("host: without a busybox, out of programs and their libraries", async () => {
    const bin = join(place, "bin");
    mkdirSync(bin);
    for (const name of readdirSync("/usr/bin").filter((name) => name !== "busybox"))
      symlinkSync(join("/usr/bin", name), join(bin, name));
    const { PATH } = process.env;
    process.env.PATH = bin;
    const { why } = await makeRootfs({ kind: "host", to }).finally(() =>
      Object.assign(process.env, { PATH }),
    );
    expect(why).toMatch(/^host: made from \d\d of this machine's programs$/);
    expectWorkingRoot();
  });

  test("debian: out of its package, and again without network", async ({ skip }) => {
    const { why } = await makeRootfs({ kind: "debian", to }).catch((error: Error) => {
      if (!error.message.startsWith("debian: apt-get")) throw error;
      console.log(`skipped: ${error.message}`);
      return skip();
    });
    expect(why).toMatch(/^debian: made from busybox-static \d/);
    expectWorkingRoot();
    const again = await ended(start(["debian", "--to", to, "--force"], { within: ["unshare", "-n"] }));
    expect(again).toEqual({ status: 0, stdout: "", stderr: `rootfs: ${why}\n` });
  });

  test("alpine: owners, setuid bits, devices and links survive", async () => {
    const { release } = await mirror(alpineLike, serve(alpineLike));
    const { status, stderr } = await ended(start(["alpine", "--to", to], { release }));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "rootfs: alpine: version 0.0.1\n" });
    expectWorkingRoot();
    const file = lstatSync(join(to, "bin/setuid"));
    expect([file.mode & 0o7777, file.uid, file.gid, file.nlink]).toEqual([0o4755, 1000, 1001, 2]);
    expect(readlinkSync(join(to, "bin/ls"))).toBe("/bin/busybox");
    expect(inside("echo gone > /dev/null; ls -l /dev/null")).toMatch(/^c.* 1, +3 /);
  });

  test("without network and cache, the default ends in host and says why", async () => {
    const { status, stderr } = await ended(start(["--to", to], { within: ["unshare", "-n"] }));
    expect(stderr).toMatch(
      /^rootfs: alpine: no answer from \S+ \(\w+\).*; debian: .*; host: made from .*\n$/,
    );
    expect(status).toBe(0);
    expectWorkingRoot();
  });

  test("another machine's root can be had from Alpine only", async () => {
    const foreign = machine() === "aarch64" ? "x86_64" : "aarch64";
    const release = releaseAt("http://127.0.0.1:1", alpineLike);
    expect(await refusal({ arch: foreign, release })).toMatch(
      /alpine: there is no checksum for .*; debian: .*this machine.*; host: .*this machine/,
    );
  });
});

describe("the directory", () => {
  test("is not touched if there is something in it", async () => {
    mkdirSync(to);
    writeFileSync(join(to, "mine"), "");
    expect(await refusal({ kind: "host" })).toMatch("is not empty: --force replaces it");
    expect(await refusal({ kind: "host", force: true })).toMatch("does not look like a root file system");
  });

  test("may exist, empty, or be reached by a link", async () => {
    mkdirSync(join(place, "real"));
    symlinkSync("real", to);
    await makeRootfs({ kind: "host", to });
    expect(readlinkSync(to)).toBe("real");
    expectWorkingRoot();
  });

  test("is replaced by force, and only by what is complete", async () => {
    await makeRootfs({ kind: "host", to });
    writeFileSync(join(to, "mine"), "");
    const broken = await mirror(alpineLike, (_, response) => response.writeHead(500).end());
    expect(await refusal({ kind: "alpine", force: true, release: broken.release })).toMatch("answers 500");
    expect(existsSync(join(to, "mine"))).toBe(true);
    await makeRootfs({ kind: "host", to, force: true });
    expect(existsSync(join(to, "mine"))).toBe(false);
    expect(readdirSync(place)).toEqual(["rootfs"]);
  });

  test("is not replaced with something mounted in it", async () => {
    await makeRootfs({ kind: "host", to });
    const within = ["unshare", "--mount", "sh", "-c", `mount -t tmpfs none ${to}/mnt; exec "$@"`, "-"];
    expect(await failure(["host", "--force"], { within })).toMatch("mnt is a mount point: unmount it first");
  });
});
