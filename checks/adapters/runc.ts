// runc: docker's runtime, in Go.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Program } from "../programs.ts";
import { writeBundle } from "./bundle.ts";
import { parse } from "./options.ts";

/** What a runtime of the Open Container Initiative leaves to the program above it (docker, podman). */
export const OCI_LACKS = {
  "--init": "docker and podman bring the init, the runtime runs what it is given",
  "--chroot": "only pivot_root",
  "--trace": "only strace",
  "usage errors": "its command line is another",
  "exit 126/127": "docker and podman tell these apart, by the message",
  "ends with its launcher": "a container outlives its runtime: docker and podman may be restarted below it",
  "keeps off the terminal": "docker and podman give the box a terminal of its own, or a filter",
  "says why": "docker and podman read the counter; the runtime leaves it to them",
  "--stats": "docker stats and podman stats tell",
  freezes: "docker pause and podman pause do, not the terminal",
  bridge: "docker and podman make the network and hand it over",
  "ends pid 1": "it forwards SIGTERM as it is; docker stop waits ten seconds, then kills",
};

export const runc: Program = {
  name: "runc",
  step: 6,
  start: (args, dir) => [
    ...["runc", "--root", join(dir, "state"), "run", "--bundle", writeBundle(dir, parse(args))],
    id(dir),
  ],
  takesRoot: true,
  lacks: {
    ...OCI_LACKS,
    "hands on its terminal": "it puts pipes between, or a terminal of the box's own",
    "an image with /dev as a link": "older versions follow it: CVE-2026-41579",
  },
  cleanUp: (dir) => {
    const state = join(dir, "state");
    if (existsSync(state) && readdirSync(state).length > 0)
      spawnSync("runc", ["--root", state, "delete", "--force", id(dir)]);
  },
};

/** A name for the container: that of its folder. */
export const id = (dir: string) => basename(dir);
