// npm start: a shell in a box of the newest step; npm start -- COMMAND: that command.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defaultRootfs, repository } from "../lib/paths.ts";
import { rootfsCommand } from "../rootfs-fetch.ts";

const steps = readdirSync(join(repository, "steps")).filter((name) => /^\d\d-/.test(name));
const main = join(repository, "steps", steps.sort().at(-1)!, "main.ts");
const given = process.argv.slice(2);

const failed = existsSync(defaultRootfs) || given[0] === "--help" ? 0 : await rootfsCommand([]);
if (failed) process.exit(failed);

// The step takes over this process, as if it had been called itself.
process.argv = [process.execPath, main, "run", ...(given.length > 0 ? given : ["sh"])];
await import(main);
