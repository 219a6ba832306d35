// Step 5: devices, those that a box may open and how fast it may write to them. The disk is a file: losetup(8).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { needsController } from "./cgroups.ts";
import { check, type Scene } from "./check.ts";

let loops: boolean | undefined;

const needsLoop = () => {
  loops ??= hasLoop();
  return loops ? undefined : "no loop device here: modprobe loop, or in a container mknod /dev/loop0 b 7 0";
};

const hasLoop = () => {
  try {
    execFileSync("sh", ["-c", 'modprobe -q loop; test -b "$(losetup --find)"'], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

// The kernel lets go of a detached disk when nobody has it open any more: when the host stops, whatever happens.
const MAKE_DISK = `truncate -s 8M "$0.img"; disk=$(losetup --find --show "$0.img"); exec 3<"$disk"
  losetup --detach "$disk"; sleep 60 >/dev/null 2>&1 & echo "$disk" >"$0"; cp -a "$disk" "$1/disk"`;

/** A disk of 8 MB: a node for it on the host, and one that the image brings along. */
const makeDisk = ({ host, dir, root }: Scene) => host.run("sh", "-ec", MAKE_DISK, `${dir}/disk`, root);
/** Its node on the host. */
const disk = ({ dir }: Scene) => readFileSync(`${dir}/disk`, "utf8").trim();

const DISK = { since: 5, unless: needsLoop, before: makeDisk };
const OPEN = (path: string) => ["sh", "-c", `head -c 512 ${path} | wc -c`];

const BLOCKS = 32; // of 64 KiB: 2 MiB
const WRITE = `dd if=/dev/zero of=/dev/disk oflag=direct bs=64k count=${BLOCKS} 2>/dev/null`;
const NOW = "cut -d' ' -f1 /proc/uptime";

export const checks = [
  check({
    ...DISK,
    title: "a disk that was not asked for cannot be opened, even if the image has a node for it",
    run: OPEN("/disk"),
    holds: ({ stdout, stderr }) => stdout.trim() === "0" && stderr !== "",
    hint: ({ stdout }) =>
      `The box read ${stdout.trim()} bytes of a disk of the host's. The node came with the image, so mknod(2) was not needed, and root passes any mode. The group can refuse: by a list in version 1, by a program in version 2.`,
  }),

  check({
    ...DISK,
    title: "--device HOST:BOX lets it in, under its new name",
    run: OPEN("/dev/disk"),
    options: (scene) => ["--device", `${disk(scene)}:/dev/disk`],
    holds: ({ stdout }) => stdout.trim() === "512",
    hint: ({ stderr }) =>
      `It could not be read: ${stderr.trim()}. A device takes two things, a node in the box's /dev and the group's permission.`,
  }),

  check({
    ...DISK,
    title: "--device …:r: it can be read, not written to",
    run: ["sh", "-c", "head -c 512 /dev/disk | wc -c; echo x > /dev/disk && echo written"],
    options: (scene) => ["--device", `${disk(scene)}:/dev/disk:r`],
    holds: ({ stdout }) => stdout.trim() === "512",
    hint: ({ stdout, stderr }) =>
      stdout.includes("written")
        ? "It was written to. The mode of the node stops nobody who is root; the group's rule has letters of its own."
        : `Expected 512 bytes, got ${JSON.stringify(stdout.trim())}: ${stderr.trim()}`,
  }),

  check({
    ...DISK,
    title: "--device-write-bps: 2 MB at 1 MB a second take two seconds",
    run: ["sh", "-c", `${NOW}; ${WRITE} && ${NOW}`],
    options: (scene) => [
      ...["--device", `${disk(scene)}:/dev/disk`],
      ...["--device-write-bps", `${disk(scene)}:1m`],
    ],
    unless: () => needsLoop() ?? needsController("io")(),
    // A busy host takes longer; a limit that is not there, no time at all.
    holds: ({ stdout }) => seconds(stdout) > 1.6,
    hint: ({ stdout, stderr }) =>
      `They took ${seconds(stdout).toFixed(2)} s. ${stderr.trim()} The limit is for a disk by its numbers, major:minor: of which disk, and in which file?`,
  }),
];

const seconds = (stdout: string) => {
  const [start, end] = stdout.trim().split("\n").map(Number);
  return end! - start!;
};
