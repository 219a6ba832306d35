// The command as it is, but with another Alpine release than the pinned one: what the tests run.
import { rootfsCommand } from "../rootfs-fetch.ts";

const [release = "{}", ...args] = process.argv.slice(2);
process.exitCode = await rootfsCommand(args, JSON.parse(release));
