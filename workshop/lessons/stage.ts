// Where lessons are acted out: a host in namespaces of its own, so that a lesson half written cannot hurt the real one,
// and so that what it leaves can be told from what others do.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startMachine } from "../../checks/machine.ts";
import { repository } from "../../lib/paths.ts";
import { openScreen, type Screen } from "./screen.ts";
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
 * /tmp is empty, but for the repository if that is in it. /sys shows the stage's interfaces, not those of who mounted it;
 * the cgroups below it stay.
 */
const OWN_VIEWS = `set -e
mount --bind "$1" /mnt
mount -t tmpfs -o mode=1777 tmpfs /tmp
case $1 in /tmp/*) mkdir -p "$1" && mount --bind /mnt "$1" ;; esac
umount /mnt
mount --rbind /sys/fs/cgroup /mnt && mount --make-rprivate /mnt
mount -t sysfs sysfs /sys
mount --rbind /mnt /sys/fs/cgroup && umount --recursive /mnt
mount --make-rshared /sys`;

/** Sets a stage with `store` for the root file systems and images of the boxes. */
export async function setStage(store: string): Promise<Stage> {
  const folder = mkdtempSync("/var/tmp/stage-"); // not in /tmp, which the stage has for itself
  writeFileSync(join(folder, "rc"), RC);
  const machine = await startMachine();
  machine.run("sh", "-c", OWN_VIEWS, "sh", repository);
  const env = environment(folder, store);
  return {
    open: async () => {
      const shell = machine.enter(["bash", "--noprofile", "--rcfile", join(folder, "rc"), "-i"]);
      const screen = openScreen(shell, repository, env);
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

function environment(folder: string, store: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, STEPS_BUNDLED: bundles, ...rest } = process.env;
  const path = [join(repository, "node_modules/.bin"), rest.PATH];
  if (bundles) path.unshift(shim(folder, bundles));
  return {
    ...rest,
    ...{ PATH: path.join(":"), LC_ALL: "C.UTF-8", TMPDIR: "/tmp", NO_COLOR: "1" },
    ...{ BOX_STORE: store, BOX_RUNTIME: join(folder, "run"), npm_config_update_notifier: "false" },
  };
}

/** A folder with a `tsx` that starts the bundles: in an emulated machine the real one takes seconds. */
function shim(folder: string, bundles: string): string {
  const script = `#!/bin/sh
script=$1; shift
exec node '${bundles}'/"$(basename "$(dirname "$script")")"/main.mjs "$@"
`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/tsx"), script, { mode: 0o755 });
  return join(folder, "bin");
}
