// What is left to the learner in each step, in the order of the lesson. `fill` names a function of the step's module
// whose body is taken out; `at` is a line of the program so far, above which the task is told (none: at its end).

// `meanwhile` is what the function does until then, if it is not to throw.

export type Task = { todo: string } & ({ fill: string; meanwhile?: string } | { at?: string });

/** The module of a step that becomes the learner's, and what is to be done in it and in main.ts. */
export type Play = { module: string; tasks: Task[] };

export const plays: Record<string, Play> = {
  "01-exec": {
    module: "exec.ts",
    tasks: [
      {
        fill: "candidates",
        todo: "Where a command may be: a name with a slash, and an empty one, is its own path; any other is to be tried in each directory of PATH.",
      },
      {
        fill: "exec",
        todo: "cleanSlate(), then an execve() for each candidate. All but the last may fail: tolerate() them, with ENOENT, EACCES and ENOTDIR.",
      },
      { todo: "clone() a child that does what exec(command) lists. 0 is for no flags." },
      {
        fill: "attend",
        todo: "Wait for child.exited and return it. Until then handOverSignals() gives you each signal: deliver() it; afterwards takeTerminalBack().",
      },
      { todo: "process.exitCode is how the program ends: as attend(child) tells." },
      {
        fill: "cleanSlate",
        todo: "Four things to undo, and a call for each: closeOnExec, setStatusFlags, defaultAction, unblockSignals.",
      },
      {
        fill: "passOn",
        todo: "child.kill(signal), unless the terminal has sent it to the child as well: Ctrl-C, Ctrl-\\ and a new window size go to all in its foreground.",
      },
      {
        fill: "dieWithLauncher",
        todo: "setParentDeathSignal, then parentAlive() for a parent that died before. It goes first in the child's list, in main.ts.",
      },
    ],
  },
  "02-uts": {
    module: "uts.ts",
    tasks: [
      {
        at: "const child = clone(",
        todo: "Two flags instead of 0: a uts namespace, and an ipc namespace, of the box's own.",
      },
      { fill: "ownNames", todo: "A call for each of the two names." },
      {
        at: "const { command } = boxCommand(",
        todo: "Hand utsOptions to boxCommand, and take `options` from it beside `command`.",
      },
      { at: "const child = clone(", todo: "...ownNames(options), in the child, before exec." },
      {
        fill: "name",
        meanwhile: "return undefined;",
        todo: "What is wrong with a name, or undefined. The kernel takes 1 to LONGEST bytes; a blank in a name helps nobody.",
      },
    ],
  },
  "03-pid": {
    module: "pid.ts",
    tasks: [
      {
        at: "const box = clone(",
        todo: "CLONE_NEWPID. Try echo $$, then ps -e: that takes CLONE_NEWNS too, and TODOs 2 and 3.",
      },
      { fill: "ownProc", todo: "Two mounts: one changes how mounts of / travel, one is the new /proc." },
      { at: "...exec(command)", todo: "...ownProc(), where all of it is for the box alone." },
      {
        fill: "init",
        todo: "A clean slate; a file in memory with initProgram in it, sealed; the socket; fexecve() of it, whose words are `init` and then the command.",
      },
      {
        at: "const { options, command }",
        todo: "pidOptions; with options.init, init(command) instead of exec.",
      },
      {
        fill: "endsPid1",
        todo: "True for a signal that would have ended any other process (not SIGWINCH, not SIGCONT), and that pid 1 does not handle. If pid 1 ignores it on purpose, true for SIGTERM and SIGHUP alone. dispositions() looks.",
      },
      {
        fill: "attendInit",
        todo: "attend() with a deliver of your own: what endsPid1 becomes SIGKILL, all else is passed on. Return 128 + the signal if one ended it. Set `stopped` to a function that sends the box SIGSTOP.",
      },
      { at: "process.exitCode", todo: "attendInit instead of attend." },
    ],
  },
  "04-mnt-chroot": {
    module: "rootfs.ts",
    tasks: [
      { at: "const { options, command }", todo: "rootfsOptions and systemOptions." },
      { fill: "pivotInto", todo: "Six calls. The comments are the kernel's reasons, in their order." },
      {
        at: "...ownProc()",
        todo: "findRootfs(options.rootfs) is the root: chrootInto or pivotInto it, as options.chroot says. Then ...systemMounts(options), whose /proc takes the place of ownProc's.",
      },
      {
        at: "const box = clone(",
        todo: "environment(options.env) makes the box's own variables: the last argument of init and exec.",
      },
      { fill: "readOnlyRoot", todo: "One mount() that changes the mount on /: three flags." },
      {
        at: "...(options.init ?",
        todo: "Last of all ...readOnlyRoot() if options.readOnly, and ...confine(options): then root in the box cannot undo it.",
      },
      {
        fill: "chrootInto",
        todo: "Five calls: private mounts, the root as a mount, go there, chroot, go to /.",
      },
      {
        fill: "volumes",
        todo: "openTree() each source while it can be seen; mountSetattr() makes one read-only; later, mountPoint() and moveMount() hang it up.",
      },
      {
        at: "...ownProc()",
        todo: "...take before the root changes, ...hang right after the system's mounts: of volumes(options.volume).",
      },
    ],
  },
  "05-cgroups": {
    module: "cgroup.ts",
    tasks: [
      {
        at: "const box = clone(",
        todo: "createCgroup(), and limit() it by the options, before there is a process. limitOptions are to be known.",
      },
      {
        fill: "handDown",
        todo: "For each controller wanted that is in cgroup.controllers and not yet in cgroup.subtree_control: write +NAME there. Before the first, makeRoom() if we are a member and it is not the root.",
      },
      {
        fill: "cloneInto",
        todo: "Version 2: open() the group's directory, clone() with { cgroup: fd }, close() it. Version 1: put() child.pid into cgroup.procs of each tree.",
      },
      {
        at: "const box = clone(",
        todo: "cloneInto(cgroup, …) instead of clone. In version 1 the child must not run before it is in the group: ...waitForParent() early in its list, and box.resume() once attendInit(box) listens.",
      },
      {
        fill: "cgroupNamespace",
        todo: "unshare(CLONE_NEWCGROUP), then mount() the tree at the top, by its type; of several, each in a directory of a tmpfs there, which in the end is remounted. Read-only, but for --privileged.",
      },
      { at: "...hang", todo: "...cgroupNamespace(cgroup, options), once /sys is the box's." },
      {
        at: "const { take, hang } =",
        todo: "letIn(options) instead of volumes(): it lets devices in as well.",
      },
      { todo: "In the end, report(cgroup, options)." },
    ],
  },
  "06-net": {
    module: "network.ts",
    tasks: [
      {
        at: "const box = cloneInto(",
        todo: "await prepareNetwork(options) before anything is made, and newNetwork(options) beside the other flags. networkOptions are to be known.",
      },
      { fill: "newNetwork", todo: "CLONE_NEWNET for `none` and `bridge`, no flag for the others." },
      {
        fill: "joinNetwork",
        todo: "For container:PID: open() its /proc/PID/ns/net, and setns() into it. For the others, nothing.",
      },
      { at: "...ownNames(options)", todo: "...joinNetwork(options), while the host's /proc is there." },
      {
        at: "const { take, hang } =",
        todo: "nameFiles(options) are volumes too: put them before the user's, into the options that letIn() gets.",
      },
      {
        fill: "connect",
        todo: "bridge: connectToBridge(); none: bring lo up. Then addHost() each address under the box's name: 127.0.0.1 where there is no other.",
      },
      {
        fill: "connectToBridge",
        todo: "unplug when we exit. plug() makes the cable and tells the subnet, the box's number in it, and the host's end. Then, inBox: lo and eth0 up, the address, the default route by number 1; the same for IPv6 if hasIpv6(). Then shape() what is limited, publish() the ports, and tellWhoDrops().",
      },
      { at: "box.resume()", todo: "connect(box.pid, options) before it runs." },
    ],
  },
  "07-overlay": {
    module: "overlay.ts",
    tasks: [
      { fill: "lowersOf", todo: "The directories of the layers, the top one first, each once." },
      {
        fill: "overlayMounts",
        todo: "Put the options together: lowerdir, upperdir, workdir, index=off, metacopy=off, redirect_dir=nofollow, and volatile if so; a UsageError if they do not fit into a page. Then: private mounts, or the host gets all that follows; a root file system bound to DIRECTORY/lower; chdir(layers), where the paths begin; and the overlay on DIRECTORY/root.",
      },
      {
        at: "const box = cloneInto(",
        todo: "await boxRoot(options) takes the place of findRootfs, and comes after createCgroup. It has a path, and mounts for the child to make before it goes in. overlayOptions are to be known.",
      },
      {
        fill: "keepChanges",
        todo: "own.kept is true for a box with a name. With --commit, makeImage() of the base's layers and the upper, which is kept no more then.",
      },
      { todo: "And then, await keepChanges(root, options)." },
    ],
  },
};
