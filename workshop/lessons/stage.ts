// Where lessons are acted out: a host in namespaces of its own, so that a lesson half written cannot hurt the real one,
// and so that what it leaves can be told from what others do.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startMachine } from "../../checks/machine.ts";
import { repository } from "../../lib/paths.ts";
import type { Screen } from "./screen.ts";
import { openTerminal } from "./terminal.ts";
import { watchTraces } from "./traces.ts";

export type Stage = {
  open: () => Promise<Screen>;
  /** What has come and what has gone since the curtain rose, a line each. */
  traces: () => Promise<string[]>;
  close: () => Promise<void>;
};

/** What a lesson's shell reads first: nothing of the user's, and no prompt that programs started in it inherit. */
const RC = `PS1='$ ' PS2='> '
unset HISTFILE
set +H
bind 'set enable-bracketed-paste off'
`;

/**
 * /tmp is empty, but for the repository if that is in it; /run has no more than where names are resolved; the store is
 * where a reader has it. What ip-netns(8) mounts at its first use is there, as it is for good on a reader's host. /sys shows the stage's interfaces, not those of who mounted it; the cgroups below it stay.
 */
const OWN_VIEWS = `set -e
mount --make-rprivate /
mount --bind "$1" /mnt
mount -t tmpfs -o mode=1777 tmpfs /tmp
case $1 in /tmp/*) mkdir -p "$1" && mount --bind /mnt "$1" ;; esac
umount /mnt
mount --bind /run /mnt
mount -t tmpfs -o mode=755 tmpfs /run
(cd /mnt && cp --parents systemd/resolve/*.conf /run 2>/dev/null) || :
umount /mnt
mkdir -p /var/lib/linux-containers-diy
mount --bind "$2" /var/lib/linux-containers-diy
mkdir -m 1777 "$3/tmp"
mount --bind "$3/tmp" /var/tmp
mount --rbind /sys/fs/cgroup /mnt
umount --recursive --lazy /sys
mount -t sysfs sysfs /sys
mount --rbind /mnt /sys/fs/cgroup
umount --recursive /mnt
mount --make-rshared /
ip netns add first
ip netns del first`;

/** Sets a stage on which the boxes have `store`, a folder, for root file systems and images. */
export async function setStage(store: string): Promise<Stage> {
  const folder = mkdtempSync("/var/lib/stage-"); // which is not hidden on the stage
  writeFileSync(join(folder, "rc"), RC);
  const machine = await startMachine();
  machine.run("sh", "-c", OWN_VIEWS, "sh", repository, store, folder);
  const env = environment(folder);
  return {
    open: async () => {
      const shell = machine.enter(["bash", "--noprofile", "--rcfile", join(folder, "rc"), "-i"]);
      const screen = openTerminal(shell, repository, env);
      if (!(await screen.settles(() => screen.prompt() === "$ ", 30)))
        throw new Error("no shell on the stage");
      return screen;
    },
    traces: watchTraces(machine),
    close: async () => {
      await machine.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** As after a login: whoever runs the lessons has variables that no reader has. */
function environment(folder: string): NodeJS.ProcessEnv {
  const { PATH, STEPS_BUNDLED: bundles, VM } = process.env;
  const programs = join(repository, "node_modules/.bin");
  const others = PATH!.split(":").filter((each) => !each.includes("node_modules")); // npm adds seven
  const path = [...(VM && bundles ? [shim(folder, bundles)] : []), programs, ...others];
  return { HOME: "/root", USER: "root", SHELL: "/bin/bash", LANG: "C.UTF-8", PATH: path.join(":") };
}

/** A folder with a `tsx` that starts the bundles of the steps: in an emulated machine the real one takes seconds. */
function shim(folder: string, bundles: string): string {
  const script = `#!/bin/sh
case $1 in
steps/*/main.ts) step=$(basename "$(dirname "$1")"); shift; exec node '${bundles}'/"$step"/main.mjs "$@" ;;
*) exec '${repository}/node_modules/.bin/tsx' "$@" ;;
esac
`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/tsx"), script, { mode: 0o755 });
  return join(folder, "bin");
}
