// --trace is honest: it says of each call what strace(1), which sees the calls themselves, says of it.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { makeRoot } from "../checks/root.ts";
import { directory, program, typescript } from "./testing.ts";

const here = import.meta.dirname;
const sources = readdirSync(join(here, "src")).map((file) => readFileSync(join(here, "src", file), "utf8"));
/** Every call the addon knows, from its tables. */
const known = sources.flatMap((source) => [...source.matchAll(/^ +\{"(\w+)", "/gm)].map(([, name]) => name!));
const compared = new Set<string>();

/** What only one of the two writes, or what nobody can foretell. */
const differences: [what: string, written: RegExp, becomes: string][] = [
  [
    "addresses: the environment, the child's stack, where clone3 puts the pidfd",
    /\b(?:pidfd|stack)=0x\w+, |0x\w+ (?=\/\*)/g,
    "",
  ],
  ["the address of a program for the kernel", /(insns|filter)=(0x\w+|…)/, "$1=…"],
  ["what clone3 has put there", / => \{pidfd=\[\d+\]\}/, ""],
  [
    "of a child's end, whose it was and what time it took",
    /si_signo=SIGCHLD, |si_pid=\d+, si_uid=\d+, |, si_utime=.*si_stime=\d+/g,
    "",
  ],
  [
    "what is written: a trace has no room for a program",
    /^write\((\d+), (?:"(?:[^"\\]|\\.)*"|…), /,
    "write($1, …, ",
  ],
  ["a result in words: Node has its own for an error", / \([^()]*\)$/, ""],
];

const normal = (line: string): string =>
  differences.reduce(
    (text, [, written, becomes]) => text.replace(written, becomes),
    line.replace(/\) += /, ") = "),
  );

/** The lines of a strace that are calls, up to the one by which another program took over. */
function calls(file: string): string[] {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => /^\w+\(/.test(line))
    .map(normal);
  const exec = lines.findIndex((line) => /^execve(at)?\(.* = 0$/.test(line));
  return exec < 0 ? lines : lines.slice(0, exec + 1);
}

const hostCalls = /^(clone3\(.*CLONE_PIDFD|waitid\(P_PIDFD|pidfd_send_signal)/;

/** Runs Node under strace: the calls of both sides as its --trace and as strace tell them. */
function traces(args: string[]) {
  const dir = directory();
  const only = ["-e", `trace=clone3,waitid,${known.join()}`];
  const strace = ["-ff", "--seccomp-bpf", "-s", "1000000", "-o", `${dir}/thread`, ...only];
  const { stderr } = spawnSync("strace", [...strace, process.execPath, ...typescript, ...args], {
    encoding: "utf8",
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
  });
  const said = (side: string) =>
    [...stderr.matchAll(new RegExp(`^${side} +(.*)$`, "gm"))].map(([, line]) => normal(line!));
  const box = /clone3\(.* = (\d+)$/m.exec(stderr)?.[1];
  const threads = readdirSync(dir).filter((file) => file !== `thread.${box}`);
  const host = threads.flatMap((file) =>
    readFileSync(join(dir, file), "utf8")
      .split("\n")
      .filter((line) => hostCalls.test(line)),
  );
  const saw = { host: host.map(normal), box: calls(join(dir, `thread.${box}`)) };
  for (const line of saw.box.concat(saw.host)) compared.add(line.split("(")[0]!);
  return { said: { host: said("host").filter((line) => hostCalls.test(line)), box: said("box") }, saw };
}

const step = (name: string, ...args: string[]): string[] => [
  join(here, "../steps", name, "main.ts"),
  "run",
  "--trace",
  ...args,
];

// What no step below does; errors are as good as success here.
const rest = `
  const uts = native.open("/proc/self/ns/uts", 0);
  const errors = ["EPERM", "EINVAL", "ENOTTY", "EBADF", "ENODATA", "EOPNOTSUPP", "ENOENT", "EAGAIN"];
  native.startTrace();
  const child = native.clone(0x20000, [
    native.setsid(),
    native.refuse([{ name: "keyctl", errno: 1 }]),
    native.tcsetpgrp(0, 1),
    native.setStatusFlags(0, 0o2000 | 0o4000),
    native.mount(null, "/", null, native.MS_REC | native.MS_SLAVE),
    native.capset([]),
    native.umask(0o27),
    native.touch("/not/there", 0),
    native.mknod("/not/there", 0o600, 8, 300, native.S_IFBLK),
    native.pivotRoot("/not", "/there"),
    native.rmdir("/not/there"),
    uts,
    native.setns(uts, native.CLONE_NEWUTS),
    native.close(uts),
    native.unshare(native.CLONE_NEWUTS),
    native.flock(0, false),
    native.lgetxattr(Buffer.from("/etc/passwd"), "user.none"),
    native.lsetxattr(Buffer.from("/not/there"), "user.none", "value"),
    native.loadDeviceProgram(native.deviceProgram([])),
    native.attachDeviceProgram(0, 0),
    ...native.waitForParent(),
    native.execve("/not/there", ["true"], {}),
    native.execve("/bin/true", ["true", "", "tab\\t1", "bell\\x078", "\\"\\\\", "ü"], { ONE: "variable" }),
  ].map((call) => Object.assign(call, native.tolerate(errors, call))));
  child.resume();
  await child.exited;`;

// Waits until the launcher has a handler for SIGUSR2, bit 11 of the mask.
const signalled =
  "until grep -q '^SigCgt:.*[89a-f]..$' /proc/$PPID/status; do :; done; kill -USR2 $PPID; exec sleep 100";

const runs: [what: string, args: () => string[]][] = [
  ["step 1", () => step("01-exec", "sh", "-c", "exit 3")],
  ["step 1, a command that is not there", () => step("01-exec", "not-there")],
  ["step 1, a signal on its way to the child", () => step("01-exec", "sh", "-c", signalled)],
  ["step 2", () => step("02-uts", "--hostname", 'a"b', "true")],
  ["step 3", () => step("03-pid", "true")],
  [
    "step 4",
    () =>
      step(
        "04-mnt-chroot",
        "--rootfs",
        root(),
        "--volume",
        "/etc:/mnt/etc:ro",
        "--read-only",
        "--init",
        "true",
      ),
  ],
  [
    "step 4, chroot",
    () => step("04-mnt-chroot", "--rootfs", root(), "--volume", "/etc/passwd:/mnt/file", "--chroot", "true"),
  ],
  ["what the steps do not do", () => ["--input-type=module", "--eval", program(rest)]],
];

function root(): string {
  const path = directory();
  makeRoot(path, "trace");
  return path;
}

const { status } = spawnSync("strace", ["-V"]);

describe("--trace and strace agree", () => {
  beforeEach(({ skip }) => skip(status !== 0, "no strace here"));

  test.each(runs)("on %s", (_, args) => {
    const { said, saw } = traces(args());
    expect(said.box.length).toBeGreaterThan(5);
    expect(said).toEqual(saw);
  });

  test("on every call the addon knows", () => {
    expect(known.filter((name) => !compared.has(name))).toEqual([]);
  });
});
