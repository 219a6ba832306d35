// What a store refuses, and what it takes when its disk is full, fixed or of another kind.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archiveOf } from "../../checks/rootfs-fetch.tools.ts";
import { survey } from "../../lib/layer/marks.ts";
import {
  box,
  elsewhere,
  fingerprint,
  from,
  images,
  layersOf,
  left,
  oneLine,
  root,
  type run,
  start,
  store,
  work,
} from "./testing.ts";

/** An image of one layer, in an archive as docker save writes it. */
function layered(
  entries: Parameters<typeof archiveOf>[0],
  manifest: unknown = [{ Layers: ["layer.tar"] }],
): string {
  const directory = mkdtempSync(join(work, "layered-"));
  writeFileSync(join(directory, "layer.tar"), archiveOf(entries));
  writeFileSync(join(directory, "manifest.json"), JSON.stringify(manifest));
  execFileSync("tar", ["-cf", `${directory}.tar`, "-C", directory, "."]);
  return `${directory}.tar`;
}

describe("one line, 125, and nothing left", () => {
  const hostile = (name: string, entries: Parameters<typeof archiveOf>[0]): string => {
    writeFileSync(join(work, name), archiveOf(entries));
    return join(work, name);
  };
  const link = { name: "link", type: "2", target: "/etc" };

  type Case = [title: string, action: () => ReturnType<typeof run>, text: string];
  const cases: Case[] = [
    ["an image that is not there", () => box(from("nope"), "true"), "no image nope"],
    ...["../x", "a/b", "a..b"].map(
      (name): Case => [`--image ${name}`, () => box(["--image", name], "true"), "expected a name"],
    ),
    ["--commit ..", () => box(from("base", "--commit", ".."), "true"), "expected a name"],
    ["--name /etc", () => box(["--name", "/etc"], "true"), "expected a name"],
    ["import ../x", () => images("import", "../x", root), "expected a name"],
    [
      "--storage tape",
      () => box(from("base", "--storage", "tape"), "true"),
      "expected overlay, vfs or btrfs",
    ],
    [
      "btrfs elsewhere",
      () => box(from("base", "--storage", "btrfs"), "true"),
      "takes --image, and a store on btrfs",
    ],
    [
      "--commit of a copy",
      () => box(from("base", "--storage", "vfs", "--commit", "x"), "true"),
      "for comparison",
    ],
    ["import of nothing", () => images("import", "x", join(work, "nothing")), "nothing at"],
    ["import of no archive", () => images("import", "x", "/etc/passwd"), "not look like a tar archive"],
    ["export to nowhere", () => images("export", "base", join(work, "no/where")), "no directory"],
    ["rm of nothing", () => images("rm", "nope"), "no image nope"],
    ["no such command", () => images("list", "everything"), "expected a command"],
    ["..", () => images("import", "x", hostile("dots", [{ name: "../evil", data: "x" }])), "leads out"],
    [
      "an absolute name",
      () => images("import", "x", hostile("abs", [{ name: "/evil", data: "x" }])),
      "leads out",
    ],
    [
      "a way through a link",
      () => images("import", "x", hostile("way", [link, { name: "link/evil", data: "x" }])),
      "reached through a link",
    ],
    [
      "the same in a layer",
      () => images("import", "x", layered([link, { name: "link/evil" }])),
      "through a link",
    ],
    [
      "a manifest of another kind",
      () => images("import", "x", layered([], { layers: 1 })),
      "not one of docker's",
    ],
    [
      "an OCI layout",
      () => images("import", "x", hostile("oci", [{ name: "oci-layout", data: "{}" }])),
      "docker save",
    ],
    ["a mark that deletes ..", () => images("import", "x", layered([{ name: "d/.wh..." }])), "not safe"],
  ];

  test.each(cases)("%s", (_, action, text) => {
    const before = ["images", "layers"].map((place) => fingerprint(join(store, place)));
    expect(action()).toEqual(oneLine(text));
    expect(left()).toEqual([[], []]);
    expect(["images", "layers"].map((place) => fingerprint(join(store, place)))).toEqual(before);
  });
});

test("a mark beside what it names hides what is below, not that", () => {
  const own = [{ name: "a", data: "new" }, { name: ".wh.a" }];
  const below = [{ name: "d", type: "5" }, { name: "d/f", data: "new" }, { name: ".wh.d" }];
  expect(images("import", "marked", layered([...own, ...below]))).toMatchObject({ status: 0, stderr: "" });
  const directory = join(store, "layers", layersOf("marked")[0]!.slice(0, 12));
  expect(readFileSync(join(directory, "a"), "latin1")).toBe("new");
  expect(readFileSync(join(directory, "d/f"), "latin1")).toBe("new");
  expect(survey(directory)).toEqual({ names: [".", "./a", "./d", "./d/f"], marks: ["./d/.wh..wh..opq"] });
  images("rm", "marked");
});

describe("a store", () => {
  test("on a full disk: one line, 125, the images as they were", () => {
    const { stdout, stderr } = elsewhere(
      join(work, "full"),
      `mount -t tmpfs -o size=8m store "$0"; images import base ${root} > /dev/null
       box --image base --name web true
       box --image base --commit big sh -c 'cat /dev/zero > /zero 2>/dev/null || true' || echo commit $?
       cat /dev/zero > "$0/filler" 2>/dev/null || true
       box --image base true || echo box $?
       box --name web true || echo named $?
       images import other ${root} || echo import $?
       rm "$0/filler"; cd "$0/store"; ls running images named/web; cd - > /dev/null; images show base | grep -c intact`,
    );
    expect(stdout).toBe(
      "commit 125\nbox 125\nnamed 125\nimport 125\nimages:\nbase.json\n\n" +
        "named/web:\nbase.json\nlock\nlower\nroot\nupper\nwork\n\nrunning:\n1\n",
    );
    expect(stderr).toMatch(/^(box: .*([Nn]o space left|ENOSPC).*\n){4}$/);
  });

  test("with a mount in a directory of a dead box: what is mounted is let go, not emptied", () => {
    const { stdout, stderr } = elsewhere(
      join(work, "mounted"),
      `images import base ${root} > /dev/null
       mkdir -p "$0/store/running/1-1/lower" "$0/precious"; touch "$0/precious/file"
       mount --bind "$0/precious" "$0/store/running/1-1/lower"
       box --image base true; ls "$0/precious" "$0/store/running"`,
    );
    expect(stderr).toBe("");
    expect(stdout).toMatch(/precious:\nfile\n\n.*running:\n$/);
  });

  test("that cannot be written to: the same; looking and exporting still work", () => {
    const { stdout, stderr } = elsewhere(
      join(work, "fixed"),
      `mount -t tmpfs store "$0"; images import base ${root} > /dev/null; mount -o remount,ro "$0"
       box --image base true || echo box $?
       box --image base --commit base true || echo commit $?
       images import other ${root} || echo import $?
       images rm base || echo rm $?
       images show base | grep -c intact; images export base ${work}/fixed.tar && echo exported`,
    );
    expect(stdout).toBe("box 125\ncommit 125\nimport 125\nrm 125\n1\nexported\n");
    expect(stderr).toMatch(/^(box: EROFS.*BOX_STORE.*\n){4}$/);
  });

  test("on overlay itself takes no upper, and says so", () => {
    const { stdout, stderr } = elsewhere(
      join(work, "nested"),
      `mount -t tmpfs disk "$0"; cd "$0"; mkdir l u w m; mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m
       cd ${JSON.stringify(join(import.meta.dirname, "../.."))}; export BOX_STORE="$0/m/store"
       box --rootfs ${root} true || echo $?; ls m/store/running`,
    );
    expect(stderr).toContain("is on overlay");
    expect(stdout).toBe("125\n");
  });
});

describe("--storage", () => {
  test("vfs copies the layers: the same root, for the price of a copy", async () => {
    box(from("base", "--commit", "app"), "echo x > /data; rm -r /mnt");
    const { launcher, ended } = await start(from("app", "--storage", "vfs"), "ls -R /etc; cat > /dev/null");
    const [own] = readdirSync(join(store, "running"));
    expect(existsSync(join(store, "running", own!, "vfs/bin/busybox"))).toBe(true);
    launcher.stdin!.end();
    await ended;
    const look = "cat /data; ls /etc; ls -d /mnt";
    expect(box(from("app", "--storage", "vfs"), look)).toEqual(box(from("app"), look));
    expect(readdirSync(join(store, "running"))).toEqual([]);
  });

  test("btrfs copies once, then takes snapshots", ({ skip }) => {
    if (!existsSync("/usr/sbin/mkfs.btrfs")) skip("takes btrfs-progs");
    const { stdout, stderr } = elsewhere(
      join(work, "btrfs"),
      `truncate -s 256M ${work}/disk; mkfs.btrfs -q ${work}/disk > /dev/null; mount -o loop ${work}/disk "$0"
       images import base ${root} > /dev/null
       box --image base --commit base rm /etc/group
       for i in 1 2; do
         box --image base --storage btrfs sh -c 'cat /etc/mark; ls /etc; echo x > /etc/mark'
         btrfs subvolume list "$0" | cut -d' ' -f2 | tee -a ${work}/seen | wc -l
       done
       sort -u ${work}/seen | wc -l
       ls "$0/store/running"; images rm base; btrfs subvolume list "$0" | wc -l`,
    );
    expect(stderr).toBe("");
    expect(stdout).toBe(`${"basehostname\nhosts\nmark\npasswd\nresolv.conf\n1\n".repeat(2)}1\n0\n`);
  });
});
