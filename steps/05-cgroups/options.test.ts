// The limits beyond what checks/ sees of any program's: what it says in which words, rarer options, odd values.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { argv, box, cat, env, HOG, pure, work } from "./testing.ts";

const SPIN = "while :; do :; done";

test("--pids-limit 1 leaves the command of --init no process, which is said", () => {
  const { status, stdout, stderr } = box("--init --pids-limit 1", "echo hi");
  expect({ status, stdout }).toEqual({ status: 126, stdout: "" });
  expect(stderr).toMatch(/^box: EAGAIN: .*--pids-limit.*\n$/);
});

describe("what the options become", () => {
  const M = 1024 ** 2;
  test.each([
    ["--memory 67108864", ["memory.max", "memory.limit_in_bytes"], `${64 * M}`],
    ["--memory 64m", ["memory.swap.max", "memory.memsw.limit_in_bytes"], pure ? "0" : `${64 * M}`],
    ["--cpu-shares 1024", ["cpu.weight", "cpu.shares"], pure ? "100" : "1024"],
  ])("%s", (options, files, expected) => {
    expect(box(options, cat(...files)).stdout.trim()).toBe(expected);
  });

  test("--memory-swap -1 is any amount", () => {
    const { stdout } = box(
      "--memory 64m --memory-swap -1",
      cat("memory.swap.max", "memory.memsw.limit_in_bytes"),
    );
    expect(stdout.trim() === "max" || Number(stdout) > 2 ** 60).toBe(true);
  });
});

describe("memory", () => {
  test("a child of the command that is killed is reported too, and the status is the command's", () => {
    const { status, stderr } = box("--memory 64m", `${HOG.join(" ")}; ${HOG.join(" ")}; exit 3`);
    expect(stderr).toContain("box: out of memory: killed 2 times, limit 64 MiB\n");
    expect(status).toBe(3);
  });

  test("the least there is starts a shell", () => {
    expect(box("--memory 6m", "echo fits")).toMatchObject({ status: 0, stdout: "fits\n", stderr: "" });
  });
});

describe("cpu", () => {
  // A tenth of a CPU is to be had on the busiest machine, so that the limit is what holds it back.
  test("--cpus 0.1 gives a tenth of the time of one, and the throttling is counted", () => {
    const { stderr } = box("--cpus 0.1 --stats", `busybox timeout 4 sh -c '${SPIN}'; :`);
    const [, used, throttled, periods] = /cpu +([\d.]+) s, throttled in (\d+) of (\d+) periods/.exec(stderr)!;
    expect(Number(throttled)).toBeGreaterThan(Number(periods) / 2);
    const share = Number(used) / (Number(periods) / 10); // a period is 100 ms
    expect(share).toBeGreaterThan(0.07);
    expect(share).toBeLessThan(0.13);
  });
});

const hasLoop = spawnSync("sh", ["-c", "modprobe loop; losetup -f"], { stdio: "ignore" }).status === 0;

describe("disks", () => {
  const file = join(work, "disk");
  let disk = "";
  beforeEach(({ skip }) => skip(!hasLoop, "no loop device here"));
  beforeAll(() => {
    if (!hasLoop) return;
    writeFileSync(file, Buffer.alloc(16 * 1024 ** 2));
    disk = execFileSync("losetup", ["-f", "--show", file], { encoding: "utf8" }).trim();
  });
  afterAll(() => void (disk && execFileSync("losetup", ["-d", disk])));

  /** Blocks of 64 KiB a second, past the page cache: version 1 does not know who wrote into that. */
  const rate = (limit: string, transfer: string, blocks: number) => {
    const now = "cut -d' ' -f1 /proc/uptime";
    const { stdout } = box(
      `--device ${disk} --${limit}`,
      `${now}; dd ${transfer} bs=64k count=${blocks}; ${now}`,
    );
    const [begin, end] = stdout.split("\n").map(Number);
    return blocks / (end! - begin!);
  };
  const ratio = (rate: number, limit: number) => {
    expect(rate / limit).toBeGreaterThan(0.8);
    expect(rate / limit).toBeLessThan(1.2);
  };

  test("--device-read-bps", () => {
    ratio(rate(`device-read-bps ${disk}:2m`, `if=${disk} of=/dev/null iflag=direct`, 64), 32);
  });
  test("--device-write-iops", () => {
    ratio(rate(`device-write-iops ${disk}:20`, `if=/dev/zero of=${disk} oflag=direct`, 40), 20);
  });
  test("--device-read-iops", () => {
    ratio(rate(`device-read-iops ${disk}:20`, `if=${disk} of=/dev/null iflag=direct`, 40), 20);
  });

  test("bytes read and written are counted", () => {
    const copy = `dd if=${disk} of=/dev/null iflag=direct bs=1M count=4; dd if=/dev/zero of=${disk} oflag=direct bs=1M count=2`;
    expect(box(`--device ${disk} --stats`, copy).stderr).toContain("disks   4 MiB read, 2 MiB written");
  });

  const scheduler = () => `/sys/block/${disk.slice(5)}/queue/scheduler`;
  test("--blkio-weight is refused where no disk heeds it, and set where one does", ({ skip }) => {
    spawnSync("modprobe", ["bfq"]);
    if (!readFileSync(scheduler(), "latin1").includes("bfq")) skip("no bfq in this kernel");
    const inUse = spawnSync("sh", ["-c", "cat /sys/block/*/queue/scheduler"], { encoding: "utf8" }).stdout;
    if (!inUse.includes("[bfq]"))
      expect(box("--blkio-weight 300", ":")).toMatchObject({
        status: 125,
        stderr: expect.stringContaining("bfq"),
      });
    writeFileSync(scheduler(), "bfq");
    onTestFinished(() => writeFileSync(scheduler(), "none"));
    expect(box("--blkio-weight 300", cat("io.bfq.weight", "blkio.bfq.weight")).stdout).toMatch(/\b300\n/);
  });

  test("a device not asked for cannot be opened, whoever makes its node", () => {
    const [major, minor] = execFileSync("stat", ["-Lc", "%Hr %Lr", disk], { encoding: "utf8" })
      .trim()
      .split(" ");
    const script = `mknod /dev/d b ${major} ${minor}; ls /dev/d; cat /dev/d`;
    expect(box("--privileged", script)).toMatchObject({
      status: 1,
      stdout: "/dev/d\n",
      stderr: "cat: can't open '/dev/d': Operation not permitted\n",
    });
    expect(box("--privileged --device /dev/kmsg", script).status).toBe(1);
    expect(box(`--privileged --device ${disk}:/dev/other`, `${script} >/dev/null`).status).toBe(0);
  });
});

describe("what cannot be", () => {
  test("without root, it says what to do", () => {
    const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", ...argv("", ["true"]).flat()];
    const { status, stderr } = spawnSync("setpriv", nobody, { encoding: "utf8", env });
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(/^box: .*sudo\n$/) });
  });

  test.each([
    ..."1k 64mb 0x40 1e9".split(" ").map((value) => `--memory ${value}`),
    "--memory-swap 1g",
    "--memory 64m --memory-swap -2",
    ..."0.001 1e1".split(" ").map((value) => `--cpus ${value}`),
    ..."0 1.5".split(" ").map((value) => `--cpu-shares ${value}`),
    ..."0,,1 0- -1".split(" ").map((value) => `--cpuset-cpus ${value}`),
    "--pids-limit 4194305",
    ...":1m /etc/passwd:1m".split(" ").map((value) => `--device-write-bps ${value}`),
    ..."9 1001 banana".split(" ").map((value) => `--blkio-weight ${value}`),
    ..."/dev/zero:/etc/zero /dev/zero:/dev/../etc/zero /dev/zero:/dev/a:x /dev/zero:/dev/a:r:w"
      .split(" ")
      .map((value) => `--device ${value}`),
  ])("%s is one line and 125", (options) => {
    const [name] = options.split(" ").slice(-2);
    const { status, stdout, stderr } = box(options, "echo ran");
    expect(stderr).toMatch(new RegExp(`^box: ${name}\\b.*\n$`));
    expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
  });
});

test("--stats says what was used, and what the box could not know", () => {
  const { stderr } = box("--memory 64m --stats", "head -c 8388608 /dev/zero >/tmp/8m");
  expect(stderr).toMatch(/^box: cpu +\d+\.\d\d s/m);
  expect(Number(/memory .* ([\d.]+) MiB at most/.exec(stderr)![1])).toBeGreaterThan(8);
  expect(stderr).toMatch(/free in the box told of the host's/);
});

const lxcfs = existsSync("/var/lib/lxcfs/proc/meminfo");
test("--lxcfs: /proc/meminfo tells the limit", ({ skip }) => {
  if (!lxcfs) skip("no lxcfs runs here");
  expect(box("--lxcfs --memory 64m", "grep MemTotal /proc/meminfo").stdout).toMatch(/\b65536 kB/);
});
test("--lxcfs without lxcfs says how to get it", ({ skip }) => {
  if (lxcfs) skip("lxcfs runs here");
  expect(box("--lxcfs", ":")).toMatchObject({
    status: 125,
    stderr: expect.stringContaining("apt install lxcfs"),
  });
});
