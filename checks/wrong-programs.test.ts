// The checks are checked: programs with one mistake each, the check that must see it, and what it must say.
import { describe, expect, test } from "vitest";
import { checksFor } from "./all.ts";
import { program } from "./programs.ts";
import { runCheck, skipReason } from "./run.ts";

// Reads the options as a step does: COMMAND and its words are left, and a variable of each option's name.
const OPTIONS = `
shift
while case $1 in --*) true ;; *) false ;; esac; do
  case $1 in --init | --chroot | --read-only | --privileged | --stats) shift ;; *)
    name=\${1#--}
    while case $name in *-*) true ;; *) false ;; esac; do name=\${name%%-*}_\${name#*-}; done
    eval "$name=\\$2"
    shift 2 ;;
  esac
done
exec 4<&0 # for who goes to the background, and would have none
`;
const UNSHARE = "unshare --uts --ipc --pid --fork --kill-child";
const PIVOT = 'mount --bind "$0" "$0" && cd "$0" && pivot_root . mnt && exec "$@"';

type Mistake = [mistake: string, script: string, check: string, hint: RegExp];

const BY_THE_RUN: Mistake[] = [
  ["does nothing", "true", "runs the command", /wrote "" and ended with 0/],
  [
    "lacks an option",
    "echo 'box: unknown option --rootfs' >&2; exit 125",
    "runs the command",
    /know --rootfs yet/,
  ],
  ["gives up", "echo 'box: EINVAL' >&2; exit 125", "runs the command", /gave up.*stderr/],
  ["hangs", "sleep 1000", "runs the command", /still running after \d+ s/],
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
  ["renames the host", 'hostname "$hostname"; "$@"', "leaves the host's alone", /afterwards renamed-inside/],
  ["keeps the host's /proc", `${UNSHARE} "$@"`, "/proc shows the processes", /It shows \d+ processes/],
  ["mounts for everyone", 'mount -t proc p /proc; "$@"', "the host's mounts stay", /\/proc \(proc\)/],
  ["only chroots", 'chroot "$rootfs" "$@"', "cannot walk out", /Which call makes the way end/],
  [
    "keeps the old root",
    `unshare -m sh -c '${PIVOT}' "$rootfs" "$@"`,
    "no mount of the host's",
    /\/mnt\/sys/,
  ],
  ["hands on its environment", 'chroot "$rootfs" "$@"', "the environment is not", /tokens and passwords/],
  ["trusts the image", `mkdir -p "$rootfs\${volume#*:}"; exit 125`, "lands in the image", /is now: inner/],
];

// Makes a group where there are limits, of either version, and has a process join it.
const JOIN = `
join() {
  echo '+memory +pids +cpu' >/sys/fs/cgroup/cgroup.subtree_control
  for tree in /sys/fs/cgroup /sys/fs/cgroup/memory /sys/fs/cgroup/pids /sys/fs/cgroup/cpu; do
    [ -e $tree/cgroup.procs ] && mkdir $tree/mine && echo $1 >$tree/mine/cgroup.procs
    [ -e $tree/mine/pids.max ] && echo \${pids_limit:-max} >$tree/mine/pids.max
  done
} 2>/dev/null
`;
const LATE = `${JOIN} "$@" <&4 & sleep 0.3; join $!; wait $!`;
const UNSHARED = `${JOIN} join $$; unshare --cgroup true; "$@"`;

const BY_THE_ACCOUNT: Mistake[] = [
  ["makes no group", '"$@"', "that its launcher is not in", /both in /],
  ["limits too late", LATE, "before a shell can make its first child", /made another/],
  ["forgets to limit", '"$@"', "takes 100 MB is killed", /got its 100 MB/],
  ["forgets its group", `${JOIN} join $$; "$@"`, "its groups are gone", /Left on the host: mine/],
  ["unshares before it joins", UNSHARED, "as the root of every tree", /which comes first/],
  ["has no CPU quota", '"$@"', "a tenth of one CPU's time", /held back (0|NaN) times/],
  ["lets devices in", 'chroot "$rootfs" "$@"', "even if the image has a node", /read 512 bytes of a disk/],
  ["stops alone", '"$@" <&4 & wait $!', "SIGTSTP stops the whole box", /goes on using the CPU/],
  ["takes any number", '"$@"', "--pids-limit banana", /must end with 125/],
];

// A cable from the host to a box that waits for it: an address, the way out, and a host that passes on.
const PLUG = `
unshare --net sh -c 'until ip route | grep -q default; do sleep 0.02; done; exec "$@"' sh "$@" <&4 &
until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done
ip link add h0 type veth peer name eth0 netns $!
ip address add 10.9.0.1/24 dev h0; ip link set h0 up
echo 1 >/proc/sys/net/ipv4/ip_forward
`;
const CONNECT = `nsenter -t $! -n sh -c 'ip link set lo up; ip address add 10.9.0.2/24 dev eth0; ip link set eth0 up
  ip route add default via 10.9.0.1'; wait $!`;
const DNAT = `nft add table ip p; nft 'add chain ip p pre { type nat hook prerouting priority -100; }'
nft add rule ip p pre tcp dport 8080 dnat to 10.9.0.2:80
`;

const BY_THE_PACKET: Mistake[] = [
  ["makes no network namespace", '"$@"', "a network namespace of its own", /both in net:/],
  ["leaves lo down", 'unshare --net "$@"', "--network none", /lo \(down\)/],
  ["forgets the way back", PLUG + CONNECT, "reaches the world: ping", /an answer that finds its way back/],
  ["publishes for others only", PLUG + DNAT + CONNECT, "answers the host, at its address", /other hooks/],
  [
    "shares the host's loopback",
    'chroot "$rootfs" "$@"',
    "the host's 127.0.0.1 is not reached",
    /whose loopback/,
  ],
  [
    "leaves its bridge",
    'ip link add left type bridge; "$@"',
    "rules and settings are as before",
    /new is left/,
  ],
  ["flushes others' rules", '"$@"; nft flush ruleset', "rules and settings are as before", /gone is .*table/],
  ["takes any port", '"$@"', "--publish 0:80", /must end with 125/],
];

// Mounts an overlay on the root file system, with an upper in `own`, and runs the command there.
const OVERLAY = `
mkdir -p $own/upper $own/work $own/root
unshare --mount sh -c 'own=$0 rootfs=$1; shift
  mount -t overlay o -o lowerdir=$rootfs,upperdir=$own/upper,workdir=$own/work $own/root && exec chroot $own/root "$@"
' $own "$rootfs" "$@"
`;

const BY_THE_LAYER: Mistake[] = [
  ["writes to the directory", 'chroot "$rootfs" "$@"', "rm -rf / in the box", /did the box's writes arrive/],
  [
    "copies",
    'cp -a "$rootfs" /tmp/c; chroot /tmp/c "$@"; rm -r /tmp/c',
    "/ is an overlay",
    /A copy would do/,
  ],
  ["has one upper for all", `own=$BOX_STORE/own ${OVERLAY}`, "gone in the next one", /and an empty one/],
  ["leaves its upper", `own=$BOX_STORE/$$ ${OVERLAY}`, "left in the store", /New in the store: .*upper/],
  [
    "forgets the name",
    `own=$BOX_STORE/$$ ${OVERLAY}`,
    "is so in the next box of that name",
    /sees nothing of what this one did/,
  ],
  ["takes a path for a name", 'exec "$@"', "--image a/b", /must end with 125/],
];

const all = await checksFor(99);
const mistakes = [
  ...[...BY_THE_RUN, ...BY_THE_KERNEL, ...BY_THE_ACCOUNT],
  ...[...BY_THE_PACKET, ...BY_THE_LAYER],
];

test.concurrent.each(mistakes)("%s: caught", async (_, script, title, hint) => {
  const check = all.find((one) => one.title.includes(title))!;
  const wrong = program("wrong", check.since, ["sh", "-c", OPTIONS + script, "box"]);
  const reason = skipReason(check, wrong);
  const verdict = reason ? { holds: false, hint: reason } : await runCheck(check, wrong, 15);
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
