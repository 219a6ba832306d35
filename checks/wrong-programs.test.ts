// The checks are checked: programs with one mistake each, the check that must see it, and what it must say.
import { describe, expect, test } from "vitest";
import { checksFor } from "./all.ts";
import { program } from "./programs.ts";
import { runCheck, skipReason } from "./run.ts";

// Reads the options as a step does: COMMAND and its words are left, and $root.
const OPTIONS = `
shift
while case $1 in --*) true ;; *) false ;; esac; do
  case $1 in --init | --chroot | --read-only | --privileged) shift ;; *)
    case $1 in --rootfs) root=$2 ;; --hostname) name=$2 ;; --volume) source=\${2%%:*} target=\${2#*:} ;; esac
    shift 2 ;;
  esac
done
`;
const UNSHARE = "unshare --uts --ipc --pid --fork --kill-child";
const PIVOT = 'mount --bind "$0" "$0" && cd "$0" && pivot_root . mnt && exec "$@"';

type Mistake = [mistake: string, script: string, check: string, hint: RegExp];

const BY_THE_RUN: Mistake[] = [
  ["does nothing", "true", "runs the command", /wrote "" and ended with 0/],
  ["hangs", "sleep 1000", "runs the command", /still running after 3 s/],
  ["forgets the exit code", '"$@"; exit 0', "a command that exits with 3", /ended with 0/],
  ["does not wait", '"$@" & exit 0', "a command that exits with 3", /waited for/],
  ["makes one string of the words", 'sh -c "$*"', "every word arrives", /takes a list of words/],
  ["mixes stdout and stderr", '"$@" 2>&1', "stdout and stderr stay apart", /stderr ""/],
  ["talks on stdout", 'echo starting; "$@"', "a command that says nothing", /starting/],
  ["hands on descriptors", 'exec "$@"', "inherits descriptors 0, 1 and 2", /3 → \/etc\/passwd/],
  ["ignores a signal", 'trap "" PIPE; "$@"', "no signal is ignored", /Ignored: 13; blocked: none/],
  ["leaves its child alone", '"$@"; exit $?', "SIGTERM to the program ends", /still alive are: \w/],
];

const BY_THE_KERNEL: Mistake[] = [
  ["makes no namespace", 'exec "$@"', "a uts namespace of its own", /both in uts:/],
  ["renames the host", 'hostname "$name"; "$@"', "leaves the host's alone", /afterwards renamed-inside/],
  ["keeps the host's /proc", `${UNSHARE} "$@"`, "/proc shows the processes", /It shows \d+ processes/],
  ["mounts for everyone", 'mount -t proc p /proc; "$@"', "the host's mounts stay", /\/proc \(proc\)/],
  ["only chroots", 'chroot "$root" "$@"', "cannot walk out", /Which call makes the way end/],
  ["keeps the old root", `unshare -m sh -c '${PIVOT}' "$root" "$@"`, "no mount of the host's", /\/mnt\/sys/],
  ["hands on its environment", 'chroot "$root" "$@"', "the environment is not", /tokens and passwords/],
  ["trusts the image", 'mkdir -p "$root$target"; exit 125', "lands in the image", /is now: inner/],
];

const all = await checksFor(99);

test.concurrent.each([...BY_THE_RUN, ...BY_THE_KERNEL])("%s: caught", async (_, script, title, hint) => {
  const check = all.find((one) => one.title.includes(title))!;
  const wrong = program("wrong", check.since, ["sh", "-c", OPTIONS + script, "box"]);
  const reason = skipReason(check, wrong);
  const verdict = reason
    ? { holds: false, hint: reason }
    : await runCheck(check, wrong, check.during ? 12 : 3);
  expect(verdict.holds).toBe(false);
  if (!reason) expect(verdict.hint).toMatch(hint);
});

// What is stated as “this does not happen” must not hold because nothing happened.
describe.concurrent("a program that only fails passes no check:", () => {
  for (const check of all) {
    test(check.title, async ({ skip }) => {
      const wrong = program("wrong", check.since, ["sh", "-c", "exit 1", "box"]);
      const reason = skipReason(check, wrong);
      if (reason) skip(reason);
      expect((await runCheck(check, wrong)).holds).toBe(false);
    });
  }
});
