// Step 7 from outside: what a box writes and what an image stays. BOX_PROGRAM names another program to test than this
// step. The path of the store has all that overlay's options would trip over.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { comesTrue } from "../../checks/check.ts";
import { makeRoot } from "../../checks/root.ts";
import { archiveOf } from "../../checks/rootfs-fetch.tools.ts";
import { imagesCommand, stepCommand } from "../../checks/steps.ts";
import { lsetxattr, perform } from "../../native/index.ts";

const program = process.env.BOX_PROGRAM?.split(" ") ?? stepCommand("07-overlay");
// Without the bridge: what a killed launcher leaves of it, the next one sweeps up, and there is none.
const runBox = [...program, "run", "--network", "none"];
const manager = imagesCommand();

const work = mkdtempSync(join(tmpdir(), "box-overlay-"));
const root = join(work, "root");
const store = join(work, "a store, with: all");

beforeAll(() => {
  makeRoot(root, "base");
  perform(lsetxattr(Buffer.from(join(root, "etc/mark")), "user.note", "kept"));
  mkdirSync(join(root, "srv"));
  // What a box gets mounted over these is not the image's. Where they are missing, their mount points are new.
  for (const name of ["hostname", "hosts", "resolv.conf", "../srv/old"])
    writeFileSync(join(root, "etc", name), "");
  expect(images("import", "base", root).status).toBe(0);
});
afterAll(() => {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  rmSync(work, { recursive: true });
  expect(mounts).not.toContain(work);
});

const env = (place: string) => ({
  ...process.env,
  BOX_STORE: place,
  NODE_EXTRA_CA_CERTS: undefined,
  INIT_CWD: undefined,
});

function run(argv: string[], place = store) {
  const options = { encoding: "utf8", env: env(place), cwd: join(import.meta.dirname, "../..") } as const;
  const { status, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), options);
  return { status, stdout, stderr };
}
const images = (...args: string[]) => run([...manager, ...args]);
/** Runs a shell script in a box. */
const box = (options: string[], script: string) => run([...runBox, ...options, "sh", "-c", script]);
const from = (image: string, ...more: string[]) => ["--image", image, ...more];

/** Starts a box, and waits until it says something. */
async function start(options: string[], script: string) {
  const argv = [...runBox, ...options, "sh", "-c", script];
  const launcher = spawn(argv[0]!, argv.slice(1), { env: env(store), stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void launcher.kill("SIGKILL"));
  const ended = once(launcher, "exit");
  await once(launcher.stdout, "data");
  return { launcher, ended };
}

/** Whether a launcher passes signals on by now. Not asked of SIGTERM: Node has a handler for that from the start. */
function handlesSignals(pid: number): boolean {
  const caught = /SigCgt:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))![1];
  return ((BigInt(`0x${caught}`) >> BigInt(constants.signals.SIGUSR2 - 1)) & 1n) === 1n;
}

/** A tree as one hash, by other means than the store's own: names, owners, modes, times, data, attributes. */
function fingerprint(directory: string): string {
  const tar = "tar -c --sort=name --numeric-owner --xattrs --pax-option=delete=atime,delete=ctime";
  return execFileSync("sh", ["-c", `${tar} -C "$0" . | sha256sum`, directory], { encoding: "utf8" });
}

const layers = (place = store): string => join(place, "layers");
const layersOf = (name: string, place = store): string[] =>
  JSON.parse(readFileSync(join(place, "images", `${name}.json`), "utf8")).layers.map(
    ({ hash }: { hash: string }) => hash,
  );

/** What boxes have left: those without a name, and those with one. */
const left = () => ["running", "named"].map((place) => readdirSync(join(store, place)));

const oneLine = (text: string) => ({
  status: 125,
  stdout: "",
  stderr: expect.stringMatching(new RegExp(`^box: .*${text}.*\n$`)),
});

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

  test("is shared: two boxes on it do not see each other", async () => {
    const first = await start(from("base"), "echo first > /who; echo ready; cat > /dev/null; cat /who");
    expect(box(from("base"), "ls /who; echo second > /who; cat /who").stdout).toBe("second\n");
    let said = "";
    first.launcher.stdout!.on("data", (text) => {
      said += text;
    });
    first.launcher.stdin!.end();
    await first.ended;
    expect(said).toBe("first\n");
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
  test("is gone with it", () => {
    box(from("base"), "echo x > /x");
    expect(left()).toEqual([[], []]);
  });

  test("is swept by the next run if the launcher was killed", async () => {
    const { launcher, ended } = await start(from("base"), "echo x > /x; echo ready; sleep 1000");
    launcher.kill("SIGKILL");
    await ended;
    expect(left()[0]).toHaveLength(1);
    box(from("base"), "true");
    expect(left()).toEqual([[], []]);
  });

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

describe("one line, 125, and nothing left", () => {
  const hostile = (name: string, entries: Parameters<typeof archiveOf>[0]): string => {
    writeFileSync(join(work, name), archiveOf(entries));
    return join(work, name);
  };
  const layered = (entries: Parameters<typeof archiveOf>[0]): string => {
    const directory = mkdtempSync(join(work, "layered-"));
    writeFileSync(join(directory, "layer.tar"), archiveOf(entries));
    writeFileSync(join(directory, "manifest.json"), JSON.stringify([{ Layers: ["layer.tar"] }]));
    execFileSync("tar", ["-cf", `${directory}.tar`, "-C", directory, "."]);
    return `${directory}.tar`;
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
    ["a mark that deletes ..", () => images("import", "x", layered([{ name: "d/.wh..." }])), "not safe"],
  ];

  test.each(cases)("%s", (_, action, text) => {
    const before = ["images", "layers"].map((place) => fingerprint(join(store, place)));
    expect(action()).toEqual(oneLine(text));
    expect(left()).toEqual([[], []]);
    expect(["images", "layers"].map((place) => fingerprint(join(store, place)))).toEqual(before);
  });
});

/** Runs a shell script where its mounts are nobody else's; `$box` and `$images` are the programs. */
function elsewhere(place: string, script: string) {
  mkdirSync(place, { recursive: true });
  const words = (argv: string[]) => argv.map((word) => `'${word}'`).join(" ");
  const shell = `set -e; box() { ${words(runBox)} "$@"; }; images() { ${words(manager)} "$@"; }; ${script}`;
  return run(
    ["unshare", "--mount", "--propagation", "private", "sh", "-c", shell, place],
    join(place, "store"),
  );
}

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
    const { launcher, ended } = await start(from("app", "--storage", "vfs"), "ls -R /etc; cat > /dev/null");
    const [own] = readdirSync(join(store, "running"));
    expect(existsSync(join(store, "running", own!, "vfs/bin/busybox"))).toBe(true);
    launcher.stdin!.end();
    await ended;
    const look = "cat /data; ls /etc; ls -d /mnt";
    expect(box(from("app", "--storage", "vfs"), look)).toEqual(box(from("app"), look));
    expect(readdirSync(join(store, "running"))).toEqual([]);
  });

  test.skipIf(!existsSync("/usr/sbin/mkfs.btrfs"))("btrfs copies once, then takes snapshots", () => {
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
