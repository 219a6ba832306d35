// Step 4, attempt 1: a mount namespace and nothing else.
//   try    npx tsx steps/04-mnt-chroot/attempt-1.ts run sh -c 'ls /; wc -l < /proc/self/mountinfo'
//   see    the host's files, and as many mounts as the host has
//   why    a new mount namespace starts as a copy of the old one: it hides what comes, not what is there
import { boxCommand } from "../../lib/cli.ts";
import { CLONE_NEWNS, clone } from "../../native/index.ts";
import { attend, dieWithLauncher, exec } from "../01-exec/exec.ts";

const { command } = boxCommand({});

const box = clone(CLONE_NEWNS, [...dieWithLauncher(), ...exec(command)]);

process.exitCode = await attend(box);
