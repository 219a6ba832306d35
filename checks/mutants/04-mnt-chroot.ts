import { type Mutant, mutant } from "./mutant.ts";

const MAIN = "04-mnt-chroot/main.ts";
const ROOTFS = "04-mnt-chroot/rootfs.ts";
const SYSTEM = "04-mnt-chroot/system.ts";
const PRIVATE = '  mount(null, "/", null, MS_REC | MS_PRIVATE),\n';
const BIND = "  mount(root, root, null, MS_BIND | MS_REC),\n";

export const mutants: Mutant[] = [
  mutant(
    "MS_PRIVATE is forgotten",
    [ROOTFS, `pivot_root says EINVAL.\n${PRIVATE}`, "pivot_root says EINVAL.\n"],
    "/ is the root file system that was given",
    /EINVAL: invalid argument, pivot_root .*still a shared mount/,
  ),
  mutant(
    "the new root is no mount",
    [ROOTFS, `is one.\n${BIND}`, "is one.\n"],
    "/ is the root file system that was given",
    /pivot_root .*no mount point/,
  ),
  mutant(
    "the old root is not let go",
    [ROOTFS, '  umount2(".", MNT_DETACH),\n', ""],
    "no mount of the host's is left",
    /what is not let go of stays/,
  ),
  mutant(
    "chroot where pivot_root is due",
    [MAIN, "(options.chroot ? chrootInto(root) : pivotInto(root))", "chrootInto(root)"],
    "root in the box cannot walk out by chroot",
    /Which call makes the way end/,
  ),
  mutant(
    "chroot without chdir",
    [ROOTFS, '  chdir(root),\n  chroot("."),\n  chdir("/"),\n', "  chroot(root),\n"],
    "--chroot: / is the root",
    /chroot\(2\) leaves the working directory alone/,
  ),
  mutant(
    "no /proc in the new root",
    [SYSTEM, '  mount("proc", "/proc", "proc", HARMLESS),\n', ""],
    "/proc, /sys, /dev",
    /Mounted in the box: \/ .*take these for granted/,
  ),
  mutant(
    "/dev is mounted nodev",
    [SYSTEM, '"/dev", "tmpfs", MS_NOSUID | MS_NOEXEC,', '"/dev", "tmpfs", HARMLESS,'],
    "the devices work",
    /A mount may say nodev/,
  ),
  mutant(
    "the environment is handed on",
    [MAIN, "environment(options.env)", "process.env"],
    "the environment is not the host's",
    /tokens and passwords come that way/,
  ),
  mutant(
    "a read-only volume can be written to",
    [
      ROOTFS,
      "readOnly ? [mountSetattr(trees[i]!, AT_EMPTY_PATH | AT_RECURSIVE, MOUNT_ATTR_RDONLY)] : []",
      "[]",
    ],
    "--volume …:ro can be read",
    /takes MS_RDONLY with MS_BIND and ignores it/,
  ),
  mutant(
    "what is mounted in a volume can be written to",
    [ROOTFS, "(trees[i]!, AT_EMPTY_PATH | AT_RECURSIVE,", "(trees[i]!, AT_EMPTY_PATH,"],
    "…:ro holds for what is mounted below",
    /A remount changes one mount, not those below/,
  ),
  {
    mistake: "volumes are hung up on the host's side",
    edits: [
      [MAIN, "  ...hang,\n", ""],
      [MAIN, "  ...take,\n", "  ...take,\n  ...hang,\n"],
    ],
    caughtBy: "a volume does not appear on the host",
    hint: /nothing, but the box could not read it/,
  },
  mutant(
    "volumes are taken while mounts are still shared",
    [ROOTFS, 'all.length > 0 ? [mount(null, "/", null, MS_REC | MS_PRIVATE)] : []', "[]"],
    "hung into another",
    /Left on the host: .*inner.*is its peer/,
  ),
  mutant(
    "a link of the image's is followed",
    [SYSTEM, "    open(path, O_DIRECTORY | O_NOFOLLOW),", ""],
    "through its own /dev",
    /wrote to \/mnt\/sys, where its \/proc was mounted/,
  ),
  mutant(
    "root in the box keeps all it can do",
    [MAIN, "  ...confine(options),\n", ""],
    "root in the box cannot mount",
    /which capability is that/,
  ),
];
