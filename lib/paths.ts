// Where things are in this repository.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository itself. */
export const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** The root file system that `npm run rootfs` makes and a box gets by default. */
export const defaultRootfs = join(repository, "rootfs");
