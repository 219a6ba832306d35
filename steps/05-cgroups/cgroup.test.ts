// The group of a box beyond what checks/ sees of any program's: in every tree, and what is left of it or somebody else's.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  argv,
  box,
  cat,
  comesTrue,
  env,
  groupsOf,
  HOG,
  mounts,
  pure,
  run,
  start,
  unified,
} from "./testing.ts";

describe("the group", () => {
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

describe("pause", () => {
  const isStopped = (pid: number) => /State:\s*T/.test(readFileSync(`/proc/${pid}/status`, "latin1"));

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
    ["", ["nothing-like-it"], 127],
    ["", ["/etc/passwd"], 126],
    ["--volume /etc/passwd:/tmp", ["true"], 125],
    [`--device-write-bps /dev/loop0:1m --memory 64m --memory-swap 32m`, ["true"], 125],
  ])("after run %s %j, which ends with %i", (options, command, status) => {
    const ended = run(options, command);
    expect(ended.status, ended.stderr).toBe(status);
    expect(groupsOf(ended.pid)).toEqual([]);
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

  test("groups the box made below its own go too", ({ skip }) => {
    if (!unified) skip("no cgroup2 is mounted here");
    const top = `/sys/fs/cgroup/${pure ? "" : basename(unified!)}`;
    const { status, pid, stderr } = box("--privileged", `mount -o remount,rw ${top} && mkdir -p ${top}/a/b`);
    expect(status, stderr).toBe(0);
    expect(groupsOf(pid)).toEqual([]);
  });
});

describe("what cannot be", () => {
  // A host without the controller: a mount namespace in which its tree is not mounted.
  test("a limit whose controller is not there names it; the box runs without that limit", ({ skip }) => {
    if (pure) skip("no tree can be left unmounted where there is one for all");
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
  test("in a container, the launcher makes room for groups, and a missing controller is named", ({
    skip,
  }) => {
    if (!pure) skip("only version 2 keeps processes and groups apart");
    const outer = `${unified}/test-${process.pid}`;
    writeFileSync(`${unified}/cgroup.subtree_control`, "+cpuset +cpu +io +memory +pids");
    mkdirSync(outer);
    mkdirSync(`${outer}/container`);
    writeFileSync(`${outer}/cgroup.subtree_control`, "+cpuset +cpu +io +memory");
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
  });
});
