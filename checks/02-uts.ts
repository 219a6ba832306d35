// Step 2: a host name of its own, and System V IPC of its own.
import { isUsageError, usageHint } from "./01-exec.ts";
import { check, lives } from "./check.ts";
import { namespace } from "./proc.ts";

const QUEUE = /\d+/;

export const checks = [
  check({
    since: 2,
    title: "the box has a uts namespace of its own",
    run: lives(),
    during: ({ box, launcher }) => ({ box: namespace(box, "uts"), host: namespace(launcher, "uts") }),
    holds: ({ during }) => during.box !== during.host,
    hint: ({ during }) =>
      `Box and host are both in ${during.host} (ls -l /proc/PID/ns). Which flag asks clone(2) for another, and does it get there?`,
  }),

  check({
    since: 2,
    title: "--hostname sets the box's host name",
    run: ["hostname"],
    options: ["--hostname", "box-one"],
    holds: ({ stdout }) => stdout === "box-one\n",
    hint: ({ stdout, host }) =>
      stdout.trim() === host.hostname()
        ? `It is still ${stdout.trim()}, the host's: a new uts namespace starts as a copy. Who sets the name, in which namespace, and before the command starts?`
        : `The box's name is ${JSON.stringify(stdout.trim())}, asked for was box-one.`,
  }),

  check({
    since: 2,
    title: "without --hostname the name is an id: 12 hexadecimal digits",
    run: ["uname", "-n"],
    holds: ({ stdout }) => /^[0-9a-f]{12}\n$/.test(stdout),
    hint: ({ stdout }) =>
      `It is ${JSON.stringify(stdout.trim())}. Names of boxes have to differ without anyone thinking them up.`,
  }),

  check({
    since: 2,
    title: "--domainname sets the box's NIS domain name",
    run: ["cat", "/proc/sys/kernel/domainname"],
    options: ["--domainname", "workshop.example"],
    holds: ({ stdout }) => stdout === "workshop.example\n",
    hint: ({ stdout }) =>
      `It is ${JSON.stringify(stdout.trim())}. The uts namespace holds two names that can be set: uts_namespaces(7).`,
  }),

  check({
    since: 2,
    title: "a box that gets or gives itself a name leaves the host's alone",
    run: lives("hostname renamed-inside 2>/dev/null"),
    options: ["--hostname", "box-two"],
    before: ({ host }) => host.hostname(),
    during: ({ host }) => host.hostname(),
    after: ({ host }) => host.hostname(),
    holds: ({ before, during, after }) => before === during && before === after,
    hint: ({ before, during, after }) =>
      `The host was called ${before}, while the box ran ${during}, afterwards ${after}. sethostname(2) names the uts namespace of whoever calls it: who called?`,
  }),

  check({
    since: 2,
    title: "a host name of 64 bytes, the longest, is taken",
    run: ["hostname"],
    options: ["--hostname", "n".repeat(64)],
    holds: ({ stdout }) => stdout === `${"n".repeat(64)}\n`,
    hint: ({ stdout }) => `64 bytes are allowed (HOST_NAME_MAX); ${stdout.trim().length} came back.`,
  }),

  check({
    since: 2,
    title: "a host name of 65 bytes is a usage error: one line, 125",
    run: [],
    commandLine: ["run", "--hostname", "n".repeat(65), "true"],
    needs: ["usage errors"],
    holds: isUsageError,
    hint: usageHint("A name longer than the kernel's 64 bytes"),
  }),

  check({
    since: 2,
    title: "a host name with a blank in it is a usage error: one line, 125",
    run: ["true"],
    options: ["--hostname", "a b"],
    needs: ["usage errors"],
    holds: isUsageError,
    hint: usageHint("A host name with a blank"),
  }),

  check({
    since: 2,
    title: "the box has an ipc namespace of its own",
    run: lives(),
    during: ({ box, launcher }) => ({ box: namespace(box, "ipc"), host: namespace(launcher, "ipc") }),
    holds: ({ during }) => during.box !== during.host,
    hint: ({ during }) => `Box and host are both in ${during.host}: ipc_namespaces(7) has the flag.`,
  }),

  check({
    since: 2,
    title: "a System V message queue of the host's is not seen in the box",
    run: ["cat", "/proc/sysvipc/msg"],
    before: ({ host }) => QUEUE.exec(host.run("ipcmk", "--queue"))?.[0],
    holds: ({ stdout }) => /^\s+key/.test(stdout) && stdout.trim().split("\n").length === 1,
    hint: ({ stdout, before }) =>
      `The host made queue ${before}, and the box reads:\n${stdout}Whoever knows the number can read it: a host name of one's own does not hide the host's queues.`,
  }),
];
