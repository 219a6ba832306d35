// Step 4: a root of its own, and a mount table with nothing of the host's in it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isUsageError, usageHint } from "./01-exec.ts";
import { check, inVain, lives } from "./check.ts";
import { type Mount, mounts, namespace } from "./proc.ts";

// sysfs and cgroup have one instance for everyone: to mount it anew is to mount the same.
const SHARED_TYPES = ["sysfs", "cgroup", "cgroup2"];

/** Mounts of the box that are mounts of the host's. */
const inherited = (host: Mount[], box: Mount[]) =>
  box.filter(
    ({ device, root, type }) =>
      !SHARED_TYPES.includes(type) && host.some((mount) => mount.device === device && mount.root === root),
  );

const points = (list: Mount[]) => list.map(({ point }) => point).join(" ");

const rootFailure = (what: string, rootfs: string) =>
  check({
    since: 4,
    title: `${what}: one line, 125`,
    run: [],
    commandLine: ["run", "--rootfs", rootfs, "true"],
    needs: ["usage errors"],
    holds: (seen) => isUsageError(seen) && seen.stderr.includes(rootfs),
    hint: usageHint(`--rootfs ${rootfs} (named in the message)`),
  });

export const checks = [
  check({
    since: 4,
    title: "the box has a mount namespace of its own",
    run: lives(),
    during: ({ box, launcher }) => ({ box: namespace(box, "mnt"), host: namespace(launcher, "mnt") }),
    holds: ({ during }) => during.box !== during.host,
    hint: ({ during }) => `Box and host are both in ${during.host}: mount_namespaces(7) has the flag.`,
  }),

  check({
    since: 4,
    title: "/ is the root file system that was given",
    run: ["cat", "/etc/mark"],
    holds: ({ stdout, mark }) => stdout === mark,
    hint: ({ stdout, mark, stderr }) =>
      `In the given root, /etc/mark reads ${mark}; in the box it reads ${JSON.stringify(stdout || stderr.trim())}.`,
  }),

  check({
    since: 4,
    title: "seen from the host, too: /proc/PID/root is the given root",
    run: lives(),
    during: ({ box }) => readFileSync(`/proc/${box}/root/etc/mark`, "utf8"),
    holds: ({ during, mark }) => during === mark,
    hint: ({ during }) =>
      `/proc/PID/root/etc/mark reads ${JSON.stringify(during)}: the command's root is another.`,
  }),

  check({
    since: 4,
    title: "the working directory is /",
    run: ["pwd"],
    holds: ({ stdout }) => stdout === "/\n",
    hint: ({ stdout }) =>
      `It is ${JSON.stringify(stdout.trim())}. A change of the root leaves the working directory where it was: outside.`,
  }),

  inVain({
    since: 4,
    title: "a file of the host's is out of reach, with any number of ..",
    tries: ({ dir }) => `cat ${dir}/secret ../../../../../../..${dir}/secret`,
    before: ({ dir, mark }) => writeFileSync(`${dir}/secret`, mark),
    hint: ({ dir }) =>
      `The box reads ${dir}/secret, a file outside of its root. Which directory is “/” for it, and which one the current?`,
  }),

  check({
    since: 4,
    title: "no mount of the host's is left in the box's mount table",
    run: lives(),
    needs: ["a new sysfs"],
    during: ({ box, host }) => inherited(host.mounts(), mounts(box)),
    holds: ({ during }) => during.length === 0,
    hint: ({ during }) =>
      `Mounted on the host and still in the box: ${points(during)}. A new mount namespace starts as a copy of the old one: what is not let go of stays, reachable or not.`,
  }),

  check({
    since: 4,
    title: "one mount lies on /",
    run: lives(),
    during: ({ box }) => mounts(box).filter(({ point }) => point === "/"),
    holds: ({ during }) => during.length === 1,
    hint: ({ during }) =>
      `${during.length} lie there${during.length > 1 ? ": under the box's root is another one, which umount(8) in the box brings to light" : ": the root is a directory in a mount that is not the box's own"}.`,
  }),

  check({
    since: 4,
    title: "the root file system has no new top-level entries after the run",
    run: ["echo", "ran"],
    before: ({ root }) => readdirSync(root),
    after: ({ root }) => readdirSync(root),
    holds: ({ before, after, stdout }) => before.join() === after.join() && stdout === "ran\n",
    hint: ({ before, after }) =>
      `New: ${after.filter((name) => !before.includes(name)).join(" ") || "none"}; gone: ${before.filter((name) => !after.includes(name)).join(" ") || "none"}. Is a place for the old root needed?`,
  }),

  check({
    since: 4,
    title: "the environment is not the host's",
    run: ["env"],
    holds: ({ stdout, mark }) => !stdout.includes(mark) && /^PATH=/m.test(stdout),
    hint: ({ stdout, mark }) =>
      stdout.includes(mark)
        ? `The box sees SECRET=${mark}, a variable of the caller's: tokens and passwords come that way. It has ${stdout.trim().split("\n").length} variables: which does it need?`
        : "The box has no PATH: without one every program has its own idea where commands are.",
  }),

  check({
    since: 4,
    title: "--env sets a variable, any number of times",
    run: ["sh", "-c", 'echo "$GREETING|$SUM"'],
    options: ["--env", "GREETING=hello world", "--env", "SUM=1+1=2"],
    holds: ({ stdout }) => stdout === "hello world|1+1=2\n",
    hint: ({ stdout }) =>
      `Asked for GREETING=hello world and SUM=1+1=2; the box has ${JSON.stringify(stdout.trim())}.`,
  }),

  check({
    since: 4,
    title: "what is written to /tmp stays in the box",
    run: ({ mark }) => ["sh", "-c", `echo inside > /tmp/${mark} && cat /tmp/${mark}`],
    after: ({ host, mark }) => host.run("sh", "-c", `ls /tmp | grep -c ${mark} || true`),
    holds: ({ stdout, after }) => stdout === "inside\n" && after === "0",
    hint: ({ after, stderr }) =>
      after === "0" ? `The box could not write there: ${stderr.trim()}` : "The file is in the host's /tmp.",
  }),

  check({
    since: 4,
    title: "--read-only: the root cannot be written to, /dev/null can",
    run: [
      "sh",
      "-c",
      "echo x > /dev/null && echo null; for d in / /etc /bin; do mkdir $d/new && echo $d; done",
    ],
    options: ["--read-only"],
    holds: ({ stdout }) => stdout === "null\n",
    hint: ({ stdout }) =>
      stdout.startsWith("null")
        ? `Written to all the same: ${stdout.trim().split("\n").slice(1).join(" ")}. Read-only is an option of a mount: is the root one, and did the option get there (mount(2), MS_BIND and MS_REMOUNT)?`
        : "Even /dev/null refuses: a read-only mount makes its devices no less writable, so what happened to /dev?",
  }),

  rootFailure("a root file system that does not exist", "/no/such/rootfs"),
  rootFailure("a file as root file system", "/etc/passwd"),
];
