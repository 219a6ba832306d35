// Step 5 from outside, on whatever cgroups this kernel has: version 1, version 2 or both. What the box is allowed is
// asked of the kernel, in the box. BOX_PROGRAM names another program to test than this step.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, cpus, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeRoot } from "../../checks/root.ts";
import { stepCommand } from "../../checks/steps.ts";

const program = process.env.BOX_PROGRAM?.split(" ") ?? stepCommand("05-cgroups");
const patience = process.env.VM ? 10 : 1; // times the usual, for an emulated machine

const work = mkdtempSync(join(tmpdir(), "box-cgroups-"));
const root = join(work, "root");
beforeAll(() => {
  chmodSync(work, 0o755);
  makeRoot(root, "cgroups");
});
afterAll(() => rmSync(work, { recursive: true }));

const argv = (options: string, command: string[]): [string, string[]] => {
  const given = options.split(" ").filter(Boolean);
  return [program[0]!, [...program.slice(1), "run", "--rootfs", root, ...given, ...command]];
};
const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };

/** Runs a shell script in a box. */
const box = (options: string, script: string) => run(options, ["sh", "-c", script]);
const run = (options: string, command: string[]) =>
  spawnSync(...argv(options, command), { encoding: "utf8", env });

/** Starts a box that prints "ready"; killed after the test if it still runs. */
async function start(options: string, script: string) {
  const launcher = spawn(...argv(options, ["sh", "-c", `${script}`]), { env, detached: true });
  onTestFinished(() => void launcher.kill("SIGKILL"));
  const ended = once(launcher, "exit");
  const said: string[] = [];
  launcher.stderr.on("data", (data) => said.push(String(data)));
  const failed = ended.then(() => Promise.reject(new Error(`it never was ready: ${said.join("")}`)));
  failed.catch(() => {}); // that it ends later is no failure
  await Promise.race([once(launcher.stdout, "data"), failed]);
  await comesTrue(() => handles(launcher.pid!, constants.signals.SIGUSR2));
  return { launcher, ended, pid: launcher.pid!, stderr: () => said.join("") };
}

/** Whether a process has a handler for that signal: proc_pid_status(5). */
const handles = (pid: number, signal: number): boolean => {
  const mask = /SigCgt:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))![1];
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
};

// --- what the host has ---

const mounts = [
  ...readFileSync("/proc/self/mountinfo", "latin1").matchAll(/^(?:\S+ ){4}(\S+) .* - (cgroup2?) /gm),
].map(([, directory, type]) => ({ directory: directory!, type }));
const unified = mounts.find(({ type }) => type === "cgroup2")?.directory;
const pure = mounts.length === 1 && unified !== undefined;

/** The groups of boxes there are. */
const groups = () =>
  mounts.flatMap(({ directory }) =>
    readdirSync(directory).flatMap((name) => (name.startsWith("box-") ? [`${directory}/${name}`] : [])),
  );
const groupsOf = (pid: number) => groups().filter((path) => path.includes(`/box-${pid}-`));

/** The group of `pid`: where it has `file`. */
const groupFile = (pid: number, file: string) =>
  groupsOf(pid)
    .map((path) => `${path}/${file}`)
    .find(existsSync)!;

/** A file of the box's group, as the box reads it, wherever its controller is. */
const cat = (...files: string[]) =>
  files
    .map((file) => `cat /sys/fs/cgroup/${file} 2>/dev/null || cat /sys/fs/cgroup/*/${file} 2>/dev/null`)
    .join(" || ");

/** Waits until `condition` holds: whether it does. */
async function comesTrue(condition: () => boolean, seconds = 5): Promise<boolean> {
  for (const end = Date.now() + 1000 * seconds * patience; Date.now() < end && !condition(); )
    await new Promise((resolve) => setTimeout(resolve, 20));
  return condition();
}

const HOG = ["dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"];
const SPIN = "while :; do :; done";

describe("the group", () => {
  test("the box sees its own as the root of every tree", () => {
    const { stdout } = run("", ["cat", "/proc/self/cgroup"]);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(":")[2]),
    ).toEqual(
      stdout
        .trim()
        .split("\n")
        .map(() => "/"),
    );
  });

  test("it is mounted read-only", () => {
    const { stdout } = run("", ["cat", "/proc/mounts"]);
    const seen = stdout.split("\n").filter((line) => / cgroup2? /.test(line));
    expect(seen.length).toBe(mounts.length);
    for (const line of seen) expect(line).toMatch(/ cgroup2? ro,/);
    expect(box("", "mkdir /sys/fs/cgroup/x /sys/fs/cgroup/*/x").status).not.toBe(0);
  });

  test("the command is in it from the first instruction on, in every tree", async () => {
    const { launcher, pid } = await start("--pids-limit 7", "echo ready; read _");
    const members = groupsOf(pid).map((path) =>
      readFileSync(`${path}/cgroup.procs`, "latin1").trim().split("\n"),
    );
    expect(members.length).toBe(mounts.length);
    const [first] = members;
    for (const each of members) expect(each).toEqual(first);
    expect(first!.length).toBe(1);
    expect(first).not.toContain(String(pid)); // the launcher is outside
    launcher.stdin.end();
  });

  test("a limit of one process holds before the shell can make a second", () => {
    const { stdout, status } = run("--pids-limit 1", ["sh", "-c", "echo first; ls; echo second"]);
    expect(stdout).toBe("first\n");
    expect(status).not.toBe(0);
  });

  test("four boxes at once keep four limits", async () => {
    const sizes = [64, 65, 66, 67];
    const boxes = sizes.map((size) => {
      const child = spawn(
        ...argv(`--memory ${size}m`, ["sh", "-c", cat("memory.max", "memory.limit_in_bytes")]),
        { env },
      );
      return Promise.all([once(child.stdout, "data"), once(child, "exit")]);
    });
    const said = await Promise.all(boxes);
    expect(said.map(([data]) => Number(data))).toEqual(sizes.map((size) => size * 1024 ** 2));
  });
});

describe("what the options become", () => {
  const M = 1024 ** 2;
  test.each([
    ["--memory 64m", ["memory.max", "memory.limit_in_bytes"], `${64 * M}`],
    ["--memory 65536K", ["memory.max", "memory.limit_in_bytes"], `${64 * M}`],
    ["--memory 67108864", ["memory.max", "memory.limit_in_bytes"], `${64 * M}`],
    ["--memory 64m --memory-reservation 32M", ["memory.low", "memory.soft_limit_in_bytes"], `${32 * M}`],
    ["--memory 64m", ["memory.swap.max", "memory.memsw.limit_in_bytes"], pure ? "0" : `${64 * M}`],
    [
      "--memory 64m --memory-swap 80m",
      ["memory.swap.max", "memory.memsw.limit_in_bytes"],
      `${(pure ? 16 : 80) * M}`,
    ],
    ["--cpus 0.5", ["cpu.max", "cpu.cfs_quota_us"], pure ? "50000 100000" : "50000"],
    ["--cpu-shares 1024", ["cpu.weight", "cpu.shares"], pure ? "100" : "1024"],
    ["--cpu-shares 2", ["cpu.weight", "cpu.shares"], pure ? "1" : "2"],
    ["--cpu-shares 262144", ["cpu.weight", "cpu.shares"], pure ? "10000" : "262144"],
    ["--cpuset-cpus 0", ["cpuset.cpus"], "0"],
    ["--pids-limit 20", ["pids.max"], "20"],
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
  test("who needs more is killed, the run says so and exits 137", () => {
    const { status, stderr } = run("--memory 64m", HOG);
    expect(stderr).toBe("box: out of memory: killed 1 time, limit 64 MiB\n");
    expect(status).toBe(137);
  });

  test("who needs less is not", () => {
    const { status, stderr } = run("--memory 200m", HOG);
    expect(stderr).not.toContain("box:");
    expect(status).toBe(0);
  });

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

  test("--cpuset-cpus is where it runs", () => {
    const last = cpus().length - 1;
    const { stdout } = run(`--cpuset-cpus ${last}`, ["grep", "Cpus_allowed_list", "/proc/self/status"]);
    expect(stdout.split(/\s+/)[1]).toBe(String(last));
  });

  test.skipIf(cpus().length < 2)("--cpu-shares weighs when both want the same CPU", async () => {
    const spin = `${SPIN} & echo ready; sleep 3; kill %1; cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/*/cpuacct.usage`;
    const [light, heavy] = await Promise.all(
      ["128", "1024"].map(async (shares) => {
        const child = spawn(...argv(`--cpuset-cpus 0 --stats --cpu-shares ${shares}`, ["sh", "-c", spin]), {
          env,
        });
        const said: string[] = [];
        child.stderr.on("data", (data) => said.push(String(data)));
        await once(child, "close");
        return Number(/cpu +([\d.]+) s/.exec(said.join(""))![1]);
      }),
    );
    expect(light! / heavy!).toBeLessThan(0.6);
  });
});

describe("pids", () => {
  // One that ends at 127 processes, so that a box without its limit takes no machine down.
  const bomb = "b() { [ $1 = 0 ] || { b $(($1 - 1)) | b $(($1 - 1)) & }; sleep 1; }; b 6 &";

  test("a fork bomb fizzles out, and the host can still start processes", async () => {
    const { launcher, ended, pid, stderr } = await start(
      "--pids-limit 20 --stats",
      `${bomb} echo ready; read _`,
    );
    const refused = () => /max [1-9]/.test(readFileSync(groupFile(pid, "pids.events"), "latin1"));
    expect(await comesTrue(refused)).toBe(true);
    for (let i = 0; i < 10; i++) expect(spawnSync("true").status).toBe(0);
    launcher.kill("SIGTERM");
    await ended;
    expect(["20", "unknown"]).toContain(/pids +(\d+|unknown)/.exec(stderr())?.[1]);
    expect(groupsOf(pid)).toEqual([]);
  });
});

const hasLoop = spawnSync("sh", ["-c", "modprobe loop; losetup -f"], { stdio: "ignore" }).status === 0;

describe.runIf(hasLoop)("disks", () => {
  const file = join(work, "disk");
  let disk = "";
  beforeAll(() => {
    writeFileSync(file, Buffer.alloc(16 * 1024 ** 2));
    disk = execFileSync("losetup", ["-f", "--show", file], { encoding: "utf8" }).trim();
  });
  afterAll(() => void execFileSync("losetup", ["-d", disk]));

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

  test("--device-write-bps", () => {
    ratio(rate(`device-write-bps ${disk}:2m`, `if=/dev/zero of=${disk} oflag=direct`, 64), 32);
  });
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

  test("--device DISK:BOX:r can be read, and not be written", () => {
    const { status, stdout, stderr } = box(
      `--device ${disk}:/dev/my/disk:r`,
      "head -c 3 /dev/my/disk | wc -c; echo x >/dev/my/disk",
    );
    expect(stdout.trim()).toBe("3");
    expect(stderr).toContain("Operation not permitted");
    expect(status).toBe(1);
  });
});

test("the devices of every box work: null zero full random urandom tty ptmx", () => {
  const script =
    "echo x >/dev/null; for d in zero random urandom ptmx; do head -c 0 /dev/$d || exit 1; done; echo x >/dev/full";
  const { stderr } = box("", script);
  expect(stderr).toContain("No space left on device");
  expect(stderr).not.toContain("not permitted");
});

describe("pause", () => {
  const isStopped = (pid: number) => /State:\s*T/.test(readFileSync(`/proc/${pid}/status`, "latin1"));

  test("a stopped launcher freezes the whole box, and SIGCONT thaws it", async () => {
    const { launcher, pid } = await start("", `sh -c '${SPIN}' & echo ready; read _; kill $!`);
    const used = () => readFileSync(groupFile(pid, "cpuacct.usage") ?? groupFile(pid, "cpu.stat"), "latin1");
    const runs = async () => {
      const before = used();
      return comesTrue(() => used() !== before, 0.5);
    };
    expect(await runs()).toBe(true);
    launcher.kill("SIGTSTP");
    expect(await comesTrue(() => isStopped(pid))).toBe(true);
    for (let i = 0; i < 10 && (await runs()); i++); // it takes the kernel a moment
    expect(await runs()).toBe(false);
    launcher.kill("SIGCONT");
    expect(await runs()).toBe(true);
    launcher.stdin.end();
    await once(launcher, "exit");
    expect(groupsOf(pid)).toEqual([]);
  });

  test("a box killed while frozen is swept by the next run", async () => {
    const { launcher, ended, pid } = await start("", "echo ready; read _");
    launcher.kill("SIGTSTP");
    expect(await comesTrue(() => isStopped(pid))).toBe(true);
    launcher.kill("SIGKILL");
    await ended;
    run("", ["true"]);
    expect(groupsOf(pid)).toEqual([]);
  });
});

describe("nothing is left", () => {
  test.each([
    ["", ["true"], 0],
    ["", ["nothing-like-it"], 127],
    ["", ["/etc/passwd"], 126],
    ["--volume /etc/passwd:/tmp", ["true"], 125],
    [`--device-write-bps /dev/loop0:1m --memory 64m --memory-swap 32m`, ["true"], 125],
    ["", ["sh", "-c", "sleep 100 & setsid sleep 100 & exit 4"], 4],
  ])("after run %s %j, which ends with %i", (options, command, status) => {
    const ended = run(options, command);
    expect(ended.status, ended.stderr).toBe(status);
    expect(groupsOf(ended.pid)).toEqual([]);
  });

  test("after SIGTERM", async () => {
    const { launcher, ended, pid } = await start("", "echo ready; sleep 100");
    expect(groupsOf(pid).length).toBe(mounts.length);
    launcher.kill("SIGTERM");
    await ended;
    expect(groupsOf(pid)).toEqual([]);
  });

  test("after kill -9 and the next run; a living box keeps its group", async () => {
    const living = await start("", "echo ready; sleep 100");
    const killed = await start("", "echo ready; sleep 100");
    killed.launcher.kill("SIGKILL");
    await killed.ended;
    expect(groupsOf(killed.pid)).not.toEqual([]);
    run("", ["true"]);
    expect(groupsOf(killed.pid)).toEqual([]);
    expect(groupsOf(living.pid).length).toBe(mounts.length);
  });

  // In another pid namespace the name tells nothing: box-1-1 is of pid 1, which started at 1.
  test("a group of somebody else's stays, and who is in it", () => {
    const theirs = mounts.map(({ directory }) => `${directory}/box-web-${process.pid}`);
    for (const directory of theirs) mkdirSync(directory);
    const sleep = spawn("sleep", ["60"]);
    onTestFinished(async () => {
      sleep.kill();
      await once(sleep, "exit");
      for (const directory of theirs) rmdirSync(directory);
    });
    for (const directory of theirs.slice(-1)) writeFileSync(`${directory}/cgroup.procs`, `${sleep.pid}`);
    run("", ["true"]);
    expect(theirs.filter((directory) => !existsSync(directory))).toEqual([]);
    expect(sleep.exitCode ?? sleep.signalCode).toBe(null);
  });

  test("a group that someone has locked is not swept; when nobody has, it is", () => {
    const path = `${mounts[0]!.directory}/box-1-1`;
    mkdirSync(path);
    const whileLocked = argv("", ["true"]).flat();
    expect(spawnSync("flock", [path, ...whileLocked], { env }).status).toBe(0);
    expect(existsSync(path)).toBe(true);
    run("", ["true"]);
    expect(existsSync(path)).toBe(false);
  });

  test.runIf(unified)("groups the box made below its own go too", () => {
    const top = `/sys/fs/cgroup/${pure ? "" : basename(unified!)}`;
    const { status, pid, stderr } = box("--privileged", `mount -o remount,rw ${top} && mkdir -p ${top}/a/b`);
    expect(status, stderr).toBe(0);
    expect(groupsOf(pid)).toEqual([]);
  });
});

describe("what cannot be", () => {
  test("without root, it says what to do", () => {
    const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", ...argv("", ["true"]).flat()];
    const { status, stderr } = spawnSync("setpriv", nobody, { encoding: "utf8", env });
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(/^box: .*sudo\n$/) });
  });

  test.each([
    ..."banana 1.5g -1 0 1k 5m 99999999999999g 64mb 0x40 1e9".split(" ").map((value) => `--memory ${value}`),
    "--memory-swap 1g",
    "--memory 64m --memory-swap 63m",
    "--memory 64m --memory-swap -2",
    "--memory 64m --memory-reservation 65m",
    ..."0 -1 0.001 4096 1,5 banana 1e1".split(" ").map((value) => `--cpus ${value}`),
    ..."0 1 262145 1.5 banana".split(" ").map((value) => `--cpu-shares ${value}`),
    ..."4096 1-0 0,,1 0- -1 banana".split(" ").map((value) => `--cpuset-cpus ${value}`),
    ..."0 -1 4194305 1.5 banana".split(" ").map((value) => `--pids-limit ${value}`),
    ..."1m :1m /dev/null:1m /dev/nothing:1m /etc/passwd:1m"
      .split(" ")
      .map((value) => `--device-write-bps ${value}`),
    ..."9 1001 banana".split(" ").map((value) => `--blkio-weight ${value}`),
    ..."/dev/nothing /etc/passwd /dev/zero:/etc/zero /dev/zero:/dev/../etc/zero /dev/zero:/dev/a:x /dev/zero:/dev/a:r:w"
      .split(" ")
      .map((value) => `--device ${value}`),
  ])("%s is one line and 125", (options) => {
    const [name] = options.split(" ").slice(-2);
    const { status, stdout, stderr } = box(options, "echo ran");
    expect(stderr).toMatch(new RegExp(`^box: ${name}\\b.*\n$`));
    expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
  });

  // A host without the controller: a mount namespace in which its tree is not mounted.
  test.skipIf(pure)("a limit whose controller is not there names it; the box runs without that limit", () => {
    const without = (options: string) =>
      spawnSync(
        "unshare",
        [
          "-m",
          "sh",
          "-c",
          'umount /sys/fs/cgroup/pids && exec "$@"',
          "sh",
          ...argv(options, ["true"]).flat(),
        ],
        { encoding: "utf8", env },
      );
    expect(without("--pids-limit 20")).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/^box: --pids-limit takes .* pids: .*\n$/),
    });
    expect(without("").status).toBe(0);
  });

  // A container: a cgroup namespace whose root has processes of its own, and no controller pids.
  test.runIf(pure)(
    "in a container, the launcher makes room for groups, and a missing controller is named",
    () => {
      const outer = `${unified}/test-${process.pid}`;
      writeFileSync(`${unified}/cgroup.subtree_control`, "+memory +pids");
      mkdirSync(outer);
      mkdirSync(`${outer}/container`);
      writeFileSync(`${outer}/cgroup.subtree_control`, "+memory");
      onTestFinished(() => {
        for (const path of [`${outer}/container/launchers`, `${outer}/container`, outer]) rmdirSync(path);
      });
      const line = (options: string, command: string[]) =>
        `${argv(options, command).flat().join(" ")}; echo $?`;
      const runs = `${line("--memory 64m", HOG)}; ${line("--pids-limit 20", ["true"])}`;
      const inside = `umount /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && { ${runs}; }`;
      const enter = `echo $$ >${outer}/container/cgroup.procs && exec unshare -mC sh -c "$1"`;
      const { stdout, stderr } = spawnSync("sh", ["-c", enter, "sh", inside], { encoding: "utf8", env });
      expect(stdout).toBe("137\n125\n");
      expect(stderr).toMatch(/^box: --pids-limit takes .* pids: .*$/m);
    },
  );
});

test("--stats says what was used, and what the box could not know", () => {
  const { stderr } = box("--memory 64m --stats", "head -c 8388608 /dev/zero >/tmp/8m");
  expect(stderr).toMatch(/^box: cpu +\d+\.\d\d s/m);
  expect(Number(/memory .* ([\d.]+) MiB at most/.exec(stderr)![1])).toBeGreaterThan(8);
  expect(stderr).toMatch(/free in the box told of the host's/);
});

const lxcfs = existsSync("/var/lib/lxcfs/proc/meminfo");
test.runIf(lxcfs)("--lxcfs: /proc/meminfo tells the limit", () => {
  expect(box("--lxcfs --memory 64m", "grep MemTotal /proc/meminfo").stdout).toMatch(/\b65536 kB/);
});
test.skipIf(lxcfs)("--lxcfs without lxcfs says how to get it", () => {
  expect(box("--lxcfs", ":")).toMatchObject({
    status: 125,
    stderr: expect.stringContaining("apt install lxcfs"),
  });
});
