// Where lessons are acted out: a host in namespaces of its own, so that a lesson half written cannot hurt the real one,
// and so that what it leaves can be told from what others do.
import { rmSync } from "node:fs";
import { startMachine } from "../../checks/machine.ts";
import { repository } from "../../lib/paths.ts";
import { scratchDirectory } from "../scratch.ts";
import type { Screen } from "./screen.ts";
import { shellIn } from "./shell.ts";
import { openTerminal } from "./terminal.ts";
import { watchTraces } from "./traces.ts";

export type Stage = {
  /** The command line that starts a command there. */
  enter: (command: string[]) => string[];
  /** The variables of its shells. */
  env: NodeJS.ProcessEnv;
  open: () => Promise<Screen>;
  /** What has come and what has gone since the curtain rose, a line each. */
  traces: () => Promise<string[]>;
  close: () => Promise<void>;
};

/**
 * /tmp is empty, but for the repository if that is in it; /run has no more than where names are resolved; the store is
 * where a reader has it. What ip-netns(8) mounts at its first use is there, as it is for good on a reader's host. /sys
 * shows the stage's interfaces, not those of who mounted it; the cgroups below it stay.
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
  const folder = scratchDirectory("/var/lib/stage-"); // which is not hidden on the stage
  const machine = await startMachine();
  machine.run("sh", "-c", OWN_VIEWS, "sh", repository, store);
  const shell = shellIn(folder);
  return {
    enter: machine.enter,
    env: shell.env,
    open: async () => {
      const screen = openTerminal(machine.enter(shell.command), repository, shell.env);
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
