import { type Mutant, mutant } from "./mutant.ts";

const MAIN = "07-overlay/main.ts";
const OVERLAY = "07-overlay/overlay.ts";

export const mutants: Mutant[] = [
  {
    mistake: "the box writes to the root file system itself",
    edits: [
      [MAIN, "  ...root.mounts,\n", ""],
      [MAIN, "pivotInto(root.path)", "pivotInto(options.rootfs)"],
    ],
    caughtBy: "rm -rf / in the box leaves the root file system",
    hint: /In which directory did the box's writes arrive/,
  },
  {
    mistake: "all boxes share one upper",
    edits: [
      [OVERLAY, "upperdir=${here}/upper", "upperdir=../shared/upper"],
      [OVERLAY, "workdir=${here}/work", "workdir=../shared/work"],
      [
        OVERLAY,
        "mkdirSync(join(directory, name), { recursive: true });",
        'mkdirSync(join(directory, name === "work" ? "../../shared" : "", name), { recursive: true });',
      ],
      [
        OVERLAY,
        'const upper = join(directory, "upper");',
        'const upper = join(directory, "../../shared/upper");',
      ],
    ],
    caughtBy: "what a box wrote is gone in the next one",
    hint: /Does each box have an upper of its own/,
  },
  mutant(
    "the layers are put together upside down",
    [OVERLAY, "all.toReversed().map(", "all.map("],
    "of two layers the later wins",
    /In lowerdir, which end is the top/,
  ),
  {
    mistake: "MS_PRIVATE is forgotten, for volumes too",
    edits: [
      [OVERLAY, '    mount(null, "/", null, MS_REC | MS_PRIVATE),\n', ""],
      [
        "04-mnt-chroot/rootfs.ts",
        'all.length > 0 ? [mount(null, "/", null, MS_REC | MS_PRIVATE)] : []',
        "[]",
      ],
    ],
    caughtBy: "the host's mounts stay as they were",
    hint: /\(overlay\).*Shared subtrees/,
  },
  mutant(
    "the upper has the mode of any new directory",
    ["07-overlay/overlay.ts", "  chmodSync(upper, mode);\n", ""],
    "/ has the mode",
    /the uppermost one: who made that/,
  ),
  mutant(
    "every box is a copy",
    [OVERLAY, '() => "overlay", storageFault', '() => "vfs", storageFault'],
    "/ is an overlay",
    /take as long as copying takes/,
  ),
  mutant(
    "a name keeps nothing",
    [OVERLAY, "own.kept = name !== undefined;", "own.kept = false;"],
    "--name: what the box wrote and deleted",
    /sees nothing of what this one did/,
  ),
  mutant(
    "what a box without a name wrote stays for ever",
    [OVERLAY, "own.kept = name !== undefined;", "own.kept = true;"],
    "when a box has ended, nothing of it is left",
    /New in the store: .*leaves nothing that anyone could ask for/,
  ),
  mutant(
    "--commit forgets the layers below",
    [OVERLAY, "makeImage(commit, base.layers,", "makeImage(commit, [],"],
    "--commit makes an image",
    /A box on the new image says/,
  ),
];
