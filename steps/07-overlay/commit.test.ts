// Layers that boxes have made, and where they can be carried.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { comesTrue } from "../../checks/check.ts";
import {
  box,
  from,
  handlesSignals,
  images,
  layersOf,
  manager,
  oneLine,
  root,
  run,
  runBox,
  start,
  store,
  work,
} from "./testing.ts";

describe("--commit", () => {
  const changes = [
    ["echo one > /data && ln /data /other && rm /etc/group && exit 3", 3],
    ["rm -r /srv && mkdir /srv && echo only > /srv/new && mv /mnt /moved && echo two >> /data", 0],
    [
      "chmod 4711 /bin/busybox && cp /bin/busybox /copy && ln /copy /copy2; ln -s /nowhere /link; mkfifo /fifo",
      0,
    ],
  ] as const;
  const look =
    "cat /data /other; ls /srv / | grep -v copy; stat -c '%a %F' /bin/busybox /link /fifo; stat -c %h /copy; test -e /mnt || echo gone";

  test("makes what the box wrote a layer, however the command ended, and a box starts from there", () => {
    images("import", "app", root);
    for (const [script, status] of changes)
      expect(box(from("app", "--commit", "app"), script).status).toBe(status);
    expect(layersOf("app")).toHaveLength(4);
    expect(box(from("app"), look).stdout).toMatch(
      /^one\ntwo\none\n\/:(\n\w+)*\nmoved(\n\w+)*\n\n\/srv:\nnew\n4711 regular file\n777 symbolic link\n644 fifo\n2\ngone\n$/,
    );
    expect(images("show", "app").stdout.match(/intact/g)).toHaveLength(4);
  });

  test("also of a box that was ended by a signal", async () => {
    images("import", "ended", root);
    const { launcher, ended } = await start(
      from("ended", "--commit", "ended"),
      "echo x > /x; echo ready; cat",
    );
    await comesTrue(() => handlesSignals(launcher.pid!), 10);
    launcher.kill("SIGTERM");
    expect(await ended).toEqual([143, null]);
    expect(box(from("ended"), "cat /x").stdout).toBe("x\n");
  });

  test("an image exported and imported elsewhere has the same hashes, and is the same in a box", () => {
    const file = join(work, "app.tar");
    const elsewhere = join(work, "elsewhere");
    expect(images("export", "app", file)).toMatchObject({ status: 0, stderr: "" });
    expect(run([...manager, "import", "copy", file], elsewhere).status).toBe(0);
    expect(layersOf("copy", elsewhere)).toEqual(layersOf("app"));
    const inElsewhere = [...runBox, "--image", "copy", "sh", "-c", look];
    expect(run(inElsewhere, elsewhere)).toEqual(box(from("app"), look));
    const again = join(work, "again.tar");
    run([...manager, "export", "app", again], store);
    expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
  });

  test("an archive has tar files with .wh. marks, as docker load and podman load expect it", () => {
    const list = (file: string, ...more: string[]) =>
      execFileSync("tar", ["-tf", file, ...more], { encoding: "utf8" });
    const file = join(work, "app.tar");
    const [{ Config, RepoTags, Layers }] = JSON.parse(
      execFileSync("tar", ["-xOf", file, "manifest.json"], { encoding: "utf8" }),
    );
    const config = JSON.parse(execFileSync("tar", ["-xOf", file, Config], { encoding: "utf8" }));
    expect(list(file).trim().split("\n").sort()).toEqual(["manifest.json", Config, ...Layers].sort());
    expect(RepoTags).toEqual(["app:latest"]);
    expect(config.rootfs.diff_ids).toEqual(layersOf("app").map((hash) => `sha256:${hash}`));
    execFileSync("tar", ["-xf", file, "-C", work, ...Layers]);
    expect(execFileSync("sha256sum", [join(work, Layers[1])], { encoding: "utf8" })).toContain(
      layersOf("app")[1],
    );
    expect(list(join(work, Layers[1]))).toContain("./etc/.wh.group\n");
    expect(list(join(work, Layers[2]))).toContain("./srv/.wh..wh..opq\n");
    expect(list(join(work, Layers[0]), "--xattrs", "-vv")).toContain("user.note");
  });

  test("of a box with a name, after one that was killed in the middle", () => {
    const mine = from("base", "--name", "mine", "--commit", "mine");
    expect(box(from("base", "--name", "mine"), "echo x > /x").status).toBe(0);
    mkdirSync(join(store, "named/mine/upper.tar/marks"), { recursive: true });
    expect(box(mine, "true")).toMatchObject({ status: 0, stderr: "" });
    expect(box(from("mine"), "cat /x").stdout).toBe("x\n");
    images("forget", "mine");
  });

  test("of nothing, twice: equal layers are no reason not to start", () => {
    images("import", "same", root);
    for (let i = 0; i < 2; i++) expect(box(from("same", "--commit", "same"), "true").status).toBe(0);
    expect(layersOf("same")[1]).toBe(layersOf("same")[2]);
    expect(box(from("same"), "cat /etc/mark").stdout).toBe("base");
  });

  test("without an image there is nothing for a layer to lie on", () => {
    expect(box(["--rootfs", root, "--commit", "x"], "true")).toEqual(oneLine("--commit takes --image"));
  });
});
