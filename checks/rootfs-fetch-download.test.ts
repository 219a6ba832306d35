import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawn as spawnInTerminal } from "@lydell/node-pty";
import { describe, expect, test } from "vitest";
import { makeRootfs } from "../rootfs-fetch.ts";
import {
  alpineLike,
  cleanups,
  expectWorkingRoot,
  failure,
  mirror,
  onSmallDisk,
  part,
  place,
  refusal,
  to,
} from "./rootfs-fetch.stage.ts";
import { archiveOf, serve, stall, until } from "./rootfs-fetch.tools.ts";

describe("the download", () => {
  test("is kept, and used without network", async () => {
    const { release, stop } = await mirror(alpineLike, serve(alpineLike));
    await makeRootfs({ kind: "alpine", to, release });
    stop();
    await makeRootfs({ kind: "alpine", to, release, force: true });
    expectWorkingRoot();
  });

  test("goes on where it was cut", async () => {
    const half = alpineLike.length >> 1;
    const cutting = await mirror(alpineLike, (_, response) => {
      response.writeHead(206, { "content-length": alpineLike.length });
      response.write(alpineLike.subarray(0, half), () => response.destroy());
    });
    expect(await refusal({ kind: "alpine", release: cutting.release })).toMatch(
      `cut after ${half} of ${alpineLike.length} bytes`,
    );
    const { release, asked } = await mirror(alpineLike, serve(alpineLike));
    await makeRootfs({ kind: "alpine", to, release });
    expect(asked).toEqual([`bytes=${half}-`]);
    expect(existsSync(part)).toBe(false);
  });

  test("takes a part that is already the whole", async () => {
    keepPart(alpineLike);
    const { release } = await mirror(alpineLike, serve(alpineLike));
    await makeRootfs({ kind: "alpine", to, release });
  });

  test("starts anew with a server that knows no ranges", async () => {
    keepPart(Buffer.from("something older"));
    const { release } = await mirror(alpineLike, (_, response) => response.end(alpineLike));
    await makeRootfs({ kind: "alpine", to, release });
  });

  test("throws a part away that does not fit the rest", async () => {
    keepPart(Buffer.from("something older"));
    const started = await mirror(alpineLike, serve(alpineLike));
    expect(await refusal({ kind: "alpine", release: started.release })).toMatch(
      /SHA-256 \w{64} was expected, \w{64} came. It was deleted/,
    );
    expect(existsSync(part)).toBe(false);
    await makeRootfs({ kind: "alpine", to, release: started.release });
  });

  test("refuses another file", async () => {
    const started = await mirror(alpineLike, serve(archiveOf([{ name: "trojan" }])));
    expect(await refusal({ kind: "alpine", release: started.release })).toMatch("is not the file expected");
  });

  test("explains a 404, a refused and a silent connection, and a bad address", async () => {
    const missing = await mirror(alpineLike, (_, response) => response.writeHead(404).end("sorry"));
    expect(await refusal({ kind: "alpine", release: missing.release })).toMatch(
      /v0.0\/releases\/\w+\/\S+ answers 404 Not Found/,
    );
    missing.stop();
    expect(await refusal({ kind: "alpine", release: missing.release })).toMatch("ECONNREFUSED");
    const silent = await mirror(alpineLike, () => {});
    expect(await refusal({ kind: "alpine", release: silent.release })).toMatch("nothing came for 5 s");
    process.env.ALPINE_MIRROR = "banana";
    cleanups.push(() => delete process.env.ALPINE_MIRROR);
    expect(await refusal({ kind: "alpine" })).toMatch("ALPINE_MIRROR is banana");
  });

  test("explains a full disk", async () => {
    const { release } = await mirror(alpineLike, serve(alpineLike));
    const within = onSmallDisk(String(process.env.XDG_CACHE_HOME));
    expect(await failure(["alpine"], { release, within })).toMatch(/no space left for .*XDG_CACHE_HOME/);
  });

  test("shows its progress on a terminal, and ends on Ctrl-C", async () => {
    const { release, asked } = await mirror(alpineLike, stall(alpineLike, 100_000));
    const driver = new URL("rootfs-fetch.command.ts", import.meta.url).pathname;
    const args = ["--import", "tsx", driver, JSON.stringify(release), "alpine", "--to", to];
    const terminal = spawnInTerminal(process.execPath, args, { cols: 200 });
    cleanups.push(() => terminal.kill("SIGKILL"));
    let seen = "";
    terminal.onData((data) => {
      seen += data;
    });
    const exit = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    await until(() => seen.includes(" s left"));
    terminal.write("\x03");
    expect(await exit).toBe(125);
    expect(seen).toMatch(/\r\S+: 0\.1 of \d\.\d MB, \d+\.\d MB\/s, \d+ s left\x1b\[K/);
    expect(seen.split("\r\x1b[K").at(-1)).toBe("rootfs: SIGINT: nothing was changed, downloads are kept\r\n");
    expect(readdirSync(place)).toEqual([]);
    expect([asked.length, statSync(part).size]).toEqual([1, 100_000]);
  });
});

function keepPart(data: Buffer) {
  mkdirSync(join(part, ".."), { recursive: true });
  writeFileSync(part, data);
}
