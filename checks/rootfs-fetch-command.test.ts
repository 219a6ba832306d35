import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { failure } from "./rootfs-fetch.stage.ts";
import { ended, start } from "./rootfs-fetch.tools.ts";

describe("the command line", () => {
  test("--help names the kinds and the variables", async () => {
    const { status, stdout, stderr } = await ended(start(["--help"]));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const word of ["alpine", "debian", "host", "--to", "ALPINE_MIRROR"]) expect(stdout).toContain(word);
  });

  test.each([
    [["--banana"], "rootfs: Unknown option '--banana': see --help\n"],
    [["fedora"], "expected alpine or debian or host or offline, got fedora"],
    [["--arch", "vax"], "expected x86_64 or aarch64, got vax"],
    [["host", "debian"], "expected one kind, got host debian"],
  ])("%s is explained", async (args, expected) => {
    expect(await failure(args)).toMatch(expected);
  });

  test("is root's", async () => {
    const within = ["setpriv", "--reuid=65534", "--clear-groups"];
    expect(await failure(["host"], { within })).toMatch("only root can make one");
  });

  test("is what npm run rootfs runs", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(scripts.rootfs).toBe("tsx rootfs-fetch.ts");
  });
});
