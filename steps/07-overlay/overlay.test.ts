// What a box writes, and what an image stays, beyond what checks/ sees of any program's.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archiveOf } from "../../checks/rootfs-fetch.tools.ts";
import {
  box,
  fingerprint,
  from,
  images,
  layers,
  layersOf,
  left,
  oneLine,
  root,
  run,
  runBox,
  start,
  work,
} from "./testing.ts";

describe("an image", () => {
  test("is what it was after rm -rf / in a box", () => {
    const before = fingerprint(layers());
    const { stdout } = box(from("base"), "rm -rf /* 2>/dev/null; echo /srv/*");
    expect(stdout).toBe("/srv/*\n");
    expect(fingerprint(layers())).toBe(before);
    expect(images("show", "base")).toMatchObject({ status: 0, stdout: expect.stringContaining("intact") });
    expect(box(from("base"), "cat /etc/mark").stdout).toBe("base");
  });

  test("that was tampered with is told from one that was not", () => {
    images("import", "victim", root);
    expect(box(from("victim", "--commit", "victim"), "echo 1 > /file").status).toBe(0);
    appendFileSync(join(layers(), layersOf("victim")[1]!.slice(0, 12), "file"), "2");
    expect(images("show", "victim")).toMatchObject({
      status: 125,
      stdout: expect.stringMatching(/CHANGED.*\n.*intact\n$/),
    });
    images("rm", "victim");
  });

  test("of 1 GB starts as fast as one of 1 MB", { timeout: 120_000 }, () => {
    for (const [name, megabytes] of [["small", 1] as const, ["large", 1024] as const]) {
      const directory = join(work, name);
      mkdirSync(directory);
      execFileSync("cp", ["-a", `${root}/.`, directory]);
      // Of data, not of a hole: that could be copied in no time.
      execFileSync("dd", [
        "if=/dev/zero",
        `of=${directory}/filler`,
        "bs=1M",
        `count=${megabytes}`,
        "status=none",
      ]);
      expect(images("import", name, directory).status).toBe(0);
      rmSync(directory, { recursive: true });
    }
    const times: Record<string, number[]> = { small: [], large: [] };
    for (let i = 0; i < 6; i++)
      for (const name of ["small", "large"]) {
        const start = process.hrtime.bigint();
        expect(box(from(name), "test -s /filler").status).toBe(0);
        times[name]!.push(Number(process.hrtime.bigint() - start));
      }
    expect(Math.min(...times.large!) / Math.min(...times.small!)).toBeLessThan(1.3);
    for (const name of ["small", "large"]) images("rm", name);
  });

  test("may have 120 layers, the newest on top", () => {
    const directory = join(work, "many");
    mkdirSync(directory);
    const names = Array.from({ length: 120 }, (_, i) => `${i}.tar`);
    execFileSync("tar", ["-cf", join(directory, names[0]!), "-C", root, "."]);
    for (const [i, name] of names.entries()) {
      if (i === 0) continue;
      const own = { name: `own-${i}`, data: `${i}` };
      writeFileSync(join(directory, name), archiveOf([own, { name: "newest", data: `${i}` }]));
    }
    writeFileSync(join(directory, "manifest.json"), JSON.stringify([{ Layers: names }]));
    execFileSync("tar", ["-cf", `${directory}.tar`, "-C", directory, "."]);
    expect(images("import", "many", `${directory}.tar`).status).toBe(0);
    expect(box(from("many"), "ls -d /own-* | wc -l; cat /own-7 /newest").stdout).toBe("119\n7119");
    images("rm", "many");
  });
});

describe("without --image", () => {
  test("--rootfs is the one layer, and no box changes it; any path will do", () => {
    const odd = join(work, "a root: with, all");
    execFileSync("cp", ["-a", root, odd]);
    const before = fingerprint(odd);
    expect(box(["--rootfs", odd], "echo x > /etc/mark; rm /bin/ls; cat /etc/mark").stdout).toBe("x\n");
    expect(box(["--rootfs", odd, "--chroot"], "echo x > /etc/mark; cat /etc/mark").stdout).toBe("x\n");
    expect(fingerprint(odd)).toBe(before);
  });
});

describe("what a box wrote", () => {
  test("is there again with --name, on the layers the box began with", () => {
    images("import", "moving", root);
    box(from("moving", "--name", "web"), "echo one > /x; chmod 700 /");
    box(from("moving", "--commit", "moving"), "echo new > /new");
    expect(box(["--name", "web"], "cat /x; ls -d /new; stat -c %a /").stdout).toBe("one\n700\n");
    images("rm", "moving");
    expect(box(["--name", "web"], "cat /x /etc/mark").stdout).toBe("one\nbase");
    expect(box(from("base", "--name", "web"), "true")).toEqual(oneLine("web began with another root"));
    expect(images("list").stdout).toContain("web");
    expect(images("forget", "web").status).toBe(0);
    expect(left()).toEqual([[], []]);
  });

  test("with --name and --commit goes to the image, and the box begins again", () => {
    images("import", "both", root);
    box(from("both", "--name", "web", "--commit", "both"), "echo one > /x");
    expect(left()).toEqual([[], []]);
    expect(box(from("both", "--name", "web"), "cat /x").stdout).toBe("one\n");
    images("forget", "web");
  });

  test("is written by one at a time", async () => {
    const { launcher, ended } = await start(from("base", "--name", "one"), "echo ready; cat");
    expect(box(["--name", "one"], "true")).toEqual(oneLine("a box one runs already"));
    expect(images("forget", "one")).toEqual(oneLine("a box one runs already"));
    launcher.stdin!.end();
    expect(await ended).toEqual([0, null]);
    expect(images("forget", "one").status).toBe(0);
  });

  test("by a command that could not be run is nothing to keep", () => {
    expect(run([...runBox, ...from("base", "--name", "no"), "no-such-command"]).status).toBe(127);
    expect(left()).toEqual([[], []]);
  });
});
