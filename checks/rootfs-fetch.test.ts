import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { machine, tmpdir } from "node:os";
import { join } from "node:path";
import { spawn as spawnInTerminal } from "@lydell/node-pty";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeRootfs, type Wish } from "../rootfs-fetch.ts";
import {
  archiveName,
  archiveOf,
  type Entry,
  ended,
  type Handler,
  releaseAt,
  type Start,
  serve,
  stall,
  start,
  startMirror,
  until,
} from "./rootfs-fetch.tools.ts";

const programs = ["sh", "ls", "cat", "ps", "mount", "hostname", "id", "env", "sleep"];
const directories = ["proc", "sys", "dev", "tmp", "etc", "root", "run", "var"];

const scratch = mkdtempSync(join(tmpdir(), "rootfs-fetch-"));
let alpineLike: Buffer; // an archive as Alpine's is, with all that an archive can do wrong in unpacking
let place: string; // a fresh directory for each test
let to: string; // the directory in it that is to be made
let part: string; // where an interrupted download stays
const cleanups: (() => void)[] = [];

beforeAll(async () => {
  process.umask(0o077); // as careful people have it
  const source = join(scratch, "source");
  await makeRootfs({ kind: "host", to: source });
  writeFileSync(join(source, "bin/setuid"), "", { mode: 0o755 });
  execFileSync("sh", ["-c", "chown 1000:1001 bin/setuid && chmod 4755 bin/setuid"], { cwd: source });
  execFileSync("sh", ["-c", "mknod dev/null c 1 3 && ln bin/setuid bin/second"], { cwd: source });
  alpineLike = execFileSync("tar", ["-cz", "-C", source, "."], { maxBuffer: 1e8 });
});

beforeEach(() => {
  place = mkdtempSync(join(scratch, "test-"));
  to = join(place, "rootfs");
  process.env.XDG_CACHE_HOME = mkdtempSync(join(scratch, "cache-"));
  part = join(process.env.XDG_CACHE_HOME, "linux-containers-diy", `${archiveName}.part`);
});

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

afterAll(() => rmSync(scratch, { recursive: true }));

async function mirror(expected: Buffer, answer: Handler) {
  const started = await startMirror(expected, answer);
  cleanups.push(started.stop);
  return started;
}

/** Runs a script in the new root, as a user of it; what it mounts goes with it. */
function inside(script: string, user = "root") {
  const line = ["--mount", "chroot", `--userspec=${user}`, to, "/bin/sh", "-c", script];
  return execFileSync("unshare", line, { encoding: "utf8" });
}

function expectWorkingRoot() {
  for (const directory of directories)
    expect(statSync(join(to, directory)).isDirectory(), directory).toBe(true);
  expect(statSync(to).mode & 0o7777).toBe(0o755);
  expect(statSync(join(to, "tmp")).mode & 0o7777).toBe(0o1777);
  for (const program of programs) expect(inside(`command -v ${program}`)).toContain(program);
  expect(inside("ls / | cat")).toContain("proc\n");
  expect(inside("id; env; sleep 0; hostname")).toContain("uid=0(root)");
  expect(inside("ls /etc; cat /etc/passwd; id", "65534:65534")).toContain("uid=65534");
  expect(inside("mount -t proc proc /proc && ps")).toContain("PID");
}

/** Runs the command, which must say one line, exit 125, and leave `place` as it was. Returns the line. */
async function failure(args: string[], options: Start = {}): Promise<string> {
  return explained(start([...args, "--to", to], options));
}

async function explained(child: ReturnType<typeof start>, before = contents()): Promise<string> {
  const { status, stdout, stderr } = await ended(child);
  expect(stderr).toMatch(/^rootfs: [^\n]+\n$/);
  expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
  expect(contents()).toEqual(before);
  return stderr;
}

/** The same without a process of its own, which is faster. Returns the error's message, one line too. */
async function refusal(wish: Wish): Promise<string> {
  const before = contents();
  const outcome = await makeRootfs({ ...wish, to }).catch((error: Error) => error);
  if (!(outcome instanceof Error)) throw new Error(`it was made: ${outcome.why}`);
  expect(outcome.message).toMatch(/^[^\n]+$/);
  expect(contents()).toEqual(before);
  return outcome.message;
}

const contents = () =>
  execFileSync("find", [place, "-mindepth", "1", "-printf", "%P %i %s\n"], { encoding: "utf8" });

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

/** Runs a command where `directory` has room for 200 kB. The mount ends with the command. */
const onSmallDisk = (directory: string) => [
  ...["unshare", "--mount", "sh", "-c"],
  `mount -t tmpfs -o size=200k none ${directory}; exec "$@"`,
  "-",
];

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
