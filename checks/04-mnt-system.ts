// Step 4: what programs expect to find, /proc, /sys and /dev, and nothing in them that reaches the host.
import { existsSync } from "node:fs";
import { check, inVain, lives } from "./check.ts";
import { mounts } from "./proc.ts";

const DEVICES = [
  "null 1:3 666",
  "zero 1:5 666",
  "full 1:7 666",
  "random 1:8 666",
  "urandom 1:9 666",
  "tty 5:0 666",
];
const DEVICE_NAMES = DEVICES.map((line) => line.split(" ")[0]!);
const OTHERS = ["console", "core", "fd", "mqueue", "ptmx", "pts", "shm", "stderr", "stdin", "stdout"];

// Tells which of them can be read from: a covered file is empty, a covered directory too.
const LIST_READABLE = `
for file in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug /proc/latency_stats; do
  [ "$(head -c 1 $file 2>/dev/null | wc -c)" = 0 ] || echo $file
done
for folder in /proc/acpi /proc/asound /proc/scsi /sys/firmware; do
  [ -z "$(ls $folder 2>/dev/null)" ] || echo $folder
done`;

// Opened to append, and nothing is.
const LIST_WRITABLE = `
for file in /proc/sysrq-trigger /proc/sys/kernel/domainname /proc/sys/vm/drop_caches \\
  /proc/irq/default_smp_affinity /sys/class/mem/null/uevent; do
  [ -e $file ] && (: >> $file) 2>/dev/null && echo $file
done`;

const UNDO = `
for path in /proc/keys /proc/timer_list /sys/firmware /proc/acpi /proc/scsi; do umount $path; done
for path in /proc/sys /proc/sysrq-trigger /sys; do
  umount $path; mount -o remount,rw $path; mount -o remount,bind,rw $path
done`;

const quietly = (script: string) => `{ ${script}\n} > /dev/null 2>&1`;
const quoted = (script: string) => script.replaceAll("'", "'\\''");
const words = (text: string) => text.trim().split(/\s+/).filter(Boolean);

export const checks = [
  check({
    since: 4,
    title: "/proc, /sys, /dev, /dev/pts, /dev/shm and /dev/mqueue are mounted, each of its type",
    run: lives(),
    during: ({ box }) => Object.fromEntries(mounts(box).map(({ point, type }) => [point, type])),
    holds: ({ during }) =>
      during["/proc"] === "proc" &&
      during["/sys"] === "sysfs" &&
      during["/dev"] === "tmpfs" &&
      during["/dev/pts"] === "devpts" &&
      during["/dev/mqueue"] === "mqueue",
    hint: ({ during }) =>
      `Mounted in the box: ${Object.entries(during)
        .map(([point, type]) => `${point} (${type})`)
        .join(", ")}. Programs take these for granted.`,
  }),

  check({
    since: 4,
    title: "/dev has the six harmless devices, with the right numbers, open to all",
    run: ["sh", "-c", `cd /dev && for f in ${DEVICE_NAMES.join(" ")}; do stat -c '%n %t:%T %a' $f; done`],
    holds: ({ stdout }) => stdout.trim() === DEVICES.join("\n"),
    hint: ({ stdout, stderr }) =>
      `Missing or different: ${DEVICES.filter((line) => !stdout.includes(`${line}\n`)).join(", ")} (name, major:minor, mode). In the box: ${words(stdout).join(" ")} ${stderr.trim()} null(4) and its neighbours have the numbers; umask(2) may have had a say in the mode.`,
  }),

  check({
    since: 4,
    title: "/dev has nothing else",
    run: ["ls", "/dev"],
    holds: ({ stdout }) =>
      words(stdout).length > 0 && words(stdout).every((name) => [...DEVICE_NAMES, ...OTHERS].includes(name)),
    hint: ({ stdout }) =>
      `In /dev are ${words(stdout).length} entries, among them ${words(stdout)
        .filter((name) => ![...DEVICE_NAMES, ...OTHERS].includes(name))
        .slice(0, 8)
        .join(" ")}. A disk's node in the box is the disk.`,
  }),

  check({
    since: 4,
    title: "the devices work",
    run: [
      "sh",
      "-c",
      "echo x > /dev/null && head -c 3 /dev/zero | wc -c && head -c 3 /dev/urandom | wc -c && echo x 2>/dev/null > /dev/full || echo full",
    ],
    holds: ({ stdout }) => stdout === "3\n3\nfull\n",
    hint: ({ stdout, stderr }) =>
      `Expected 3, 3 and full; got ${words(stdout).join(", ")} ${stderr.trim()}. A mount may say nodev: then the nodes are there and cannot be opened.`,
  }),

  check({
    since: 4,
    title: "a terminal can be opened, and it is the box's first",
    run: ["sh", "-c", "exec 3<>/dev/ptmx && ls /dev/pts"],
    holds: ({ stdout }) => words(stdout).join(" ") === "0 ptmx",
    hint: ({ stdout, stderr }) =>
      `After opening /dev/ptmx, /dev/pts holds: ${words(stdout).join(" ") || "nothing"} ${stderr.trim()}. Terminals of others there can be written to; a devpts can be an instance of its own: see mount(8), “devpts”.`,
  }),

  check({
    since: 4,
    title: "/dev/stdin, /dev/stdout and /dev/fd lead to the process's own descriptors",
    run: ["sh", "-c", "echo in | cat /dev/stdin; echo fd | cat /dev/fd/0; (echo out > /dev/stdout) | cat"],
    holds: ({ stdout }) => stdout === "in\nfd\nout\n",
    hint: ({ stderr }) =>
      `${stderr.trim() || "Something else came out."} These are links into /proc/self: shells and scripts rely on them.`,
  }),

  check({
    since: 4,
    title: "/dev/shm can be written to and is not the host's",
    run: (scene) => lives(`echo shared > /dev/shm/${scene.mark} && cat /dev/shm/${scene.mark}`)(scene),
    during: ({ mark }) => existsSync(`/dev/shm/${mark}`),
    holds: ({ stdout, during }) => stdout.startsWith("shared\n") && !during,
    hint: ({ during, stderr }) =>
      during
        ? "What was written there is in the host's /dev/shm."
        : `POSIX shared memory (shm_overview(7)) needs it, and it refused: ${stderr.trim()}`,
  }),

  inVain({
    since: 4,
    title: "what /proc and /sys tell of the host is covered",
    tries: LIST_READABLE,
    needs: ["masked paths"],
    hint: ({ stdout }) =>
      `Can be read: ${words(stdout).join(" ")}. They have no namespace: what they show is the host's. An empty file or directory can lie on top.`,
  }),

  inVain({
    since: 4,
    title: "what in /proc and /sys changes the host is read-only",
    tries: LIST_WRITABLE,
    needs: ["masked paths"],
    hint: ({ stdout }) =>
      `Can be opened for writing: ${words(stdout).join(" ")}. One letter to /proc/sysrq-trigger reboots the host; permissions do not stop root, the mount must.`,
  }),

  inVain({
    since: 4,
    title: "root in the box cannot undo that",
    tries: quietly(UNDO) + LIST_READABLE + LIST_WRITABLE,
    needs: ["masked paths"],
    hint: ({ stdout }) =>
      `After umount and remount in the box these are open: ${words(stdout).join(" ")}. A cover that can be lifted is none: which capability lifts it?`,
  }),

  inVain({
    since: 4,
    title: "nor in a user namespace, where it has every capability again",
    tries: `unshare -U -r -m sh -c '${quoted(quietly(UNDO) + LIST_READABLE + LIST_WRITABLE)}' 2>/dev/null`,
    needs: ["masked paths"],
    hint: ({ stdout }) =>
      `Open after “unshare -U -r -m”: ${words(stdout).join(" ")}. There the kernel locks the mounts it copied, unless they were never covered.`,
  }),

  check({
    since: 4,
    title: "--privileged covers nothing in /proc",
    run: lives(),
    options: ["--privileged"],
    needs: ["unmasked /proc"],
    during: ({ box }) => mounts(box).filter(({ point }) => point.startsWith("/proc/")),
    holds: ({ during }) => during.length === 0,
    hint: ({ during }) => `Still covered: ${during.map(({ point }) => point).join(" ")}.`,
  }),
];
