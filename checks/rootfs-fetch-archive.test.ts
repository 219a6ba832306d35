import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  alpineLike,
  cleanups,
  explained,
  failure,
  mirror,
  onSmallDisk,
  place,
  refusal,
  to,
} from "./rootfs-fetch.stage.ts";
import { archiveOf, type Entry, serve, start, until } from "./rootfs-fetch.tools.ts";

describe("the archive", () => {
  const hostile: Record<string, Entry[]> = {
    "/etc/cron.d/evil leads out": [{ name: "/etc/cron.d/evil" }],
    "../evil leads out": [{ name: "../evil" }],
    "a/b/../../../evil leads out": [{ name: "a/b/../../../evil" }],
    "out is a symlink to ../../outside": [{ name: "out", type: "2", target: "../../outside" }],
    "hard is a hard link to /etc/shadow": [{ name: "hard", type: "1", target: "/etc/shadow" }],
    "hard is a hard link to ../outside": [{ name: "hard", type: "1", target: "../outside" }],
    "door/evil is reached through a link": [link("door", "/etc"), { name: "door/evil" }],
    "./door//evil is reached through a link": [{ name: "./door//evil" }, link("./door", "/etc")],
    "again/evil is reached through a link": [
      link("door", "/etc"),
      { name: "again", type: "1", target: "door" },
      { name: "again/evil" },
    ],
    "hard is a hard link to door/shadow": [
      link("door", "/etc"),
      { name: "hard", type: "1", target: "door/shadow" },
    ],
    "file comes twice": [link("file", "/etc/evil"), { name: "file", data: "evil" }],
    "no root file system has Vrwxr": [{ name: "log", type: "V" }],
  };

  test.each(Object.entries(hostile))("is refused: %s", async (fault, entries) => {
    const archive = archiveOf([{ name: "good" }, ...entries]);
    const { release } = await mirror(archive, serve(archive));
    const message = await refusal({ kind: "alpine", release });
    expect(message).toMatch("alpine: the archive is not safe, nothing was unpacked: ");
    expect(message).toMatch(fault);
  });

  test("may have names that look like tar's own words", async () => {
    const odd = archiveOf([{ name: 'a" -> "/etc\n', data: "x" }, link("é link to b", ' -> "/etc"')]);
    const started = await mirror(odd, serve(odd));
    // It is unpacked, and only then found to have no shell.
    expect(await refusal({ kind: "alpine", release: started.release })).toMatch(
      "chroot: failed to run command '/bin/sh'",
    );
  });

  test("is refused when it is damaged, though it is the one expected", async () => {
    for (const damaged of [alpineLike.subarray(0, 100_000), Buffer.from("no archive")]) {
      const started = await mirror(damaged, serve(damaged));
      expect(await refusal({ kind: "alpine", release: started.release })).toMatch(
        /gzip: stdin: (unexpected end of file|not in gzip)|tar: /,
      );
    }
  });

  test("is not half unpacked on a full disk", async () => {
    const { release } = await mirror(alpineLike, serve(alpineLike));
    const within = onSmallDisk(place);
    expect(await failure(["alpine"], { release, within })).toMatch(/no space left to unpack .*--to/);
  });

  const slow = archiveOf(Array.from({ length: 50_000 }, (_, index) => ({ name: `file${index}` })));

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("is not half unpacked after %s", async (signal) => {
    const { release } = await mirror(slow, serve(slow));
    const child = start(["alpine", "--to", to], { release });
    cleanups.push(() => child.kill("SIGKILL"));
    await until(() => readdirSync(place).some((fresh) => readdirSync(join(place, fresh)).length > 100));
    child.kill(signal);
    expect(await explained(child, "")).toBe(`rootfs: ${signal}: nothing was changed, downloads are kept\n`);
  });
});

function link(name: string, target: string): Entry {
  return { name, type: "2", target };
}
