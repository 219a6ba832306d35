// Where things are.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** This repository. */
export const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** The root file system that `npm run rootfs` makes, and a box gets by default. */
export const defaultRootfs = join(repository, "rootfs");

/** What boxes keep: images, and what was written in a box. On a disk of this machine, overlay needs that. */
export const store = process.env.BOX_STORE ?? "/var/lib/linux-containers-diy";

/** What boxes leave only while they run. */
export const runtime = process.env.BOX_RUNTIME ?? "/run/linux-containers-diy";
