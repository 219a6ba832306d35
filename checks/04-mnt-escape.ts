// Step 4: the ways out of the box, each tried.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, inVain, lives, type Scene } from "./check.ts";
import { status } from "./proc.ts";

const programs: Record<string, Buffer | null> = {};

/** NAME.c of this folder as a static program, or null without a compiler. */
const compiled = (name: string) => {
  const folder = mkdtempSync(join(tmpdir(), "escape-"));
  try {
    const source = join(import.meta.dirname, `${name}.c`);
    execFileSync("cc", ["-static", "-Os", "-o", `${folder}/program`, source], { stdio: "ignore" });
    return readFileSync(`${folder}/program`);
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const noCompiler = (name: string) => () => {
  if (programs[name] === undefined) programs[name] = compiled(name);
  return programs[name] ? undefined : "it takes a C compiler and a static libc";
};

const ESCAPE = {
  since: 4,
  unless: noCompiler("escape"),
  before: ({ dir, root, mark }: Scene) => {
    writeFileSync(`${dir}/secret`, mark);
    writeFileSync(`${root}/escape`, programs.escape!, { mode: 0o755 });
  },
};

const walksOut = ({ dir }: Scene) => `/escape ${dir}/secret`;

/** The capabilities a box must not have, by their number: capabilities(7). */
const DANGEROUS: Record<string, number> = {
  ...{ CAP_DAC_READ_SEARCH: 2, CAP_NET_ADMIN: 12, CAP_SYS_MODULE: 16, CAP_SYS_RAWIO: 17, CAP_SYS_PTRACE: 19 },
  ...{ CAP_SYS_ADMIN: 21, CAP_SYS_BOOT: 22, CAP_SYS_TIME: 25, CAP_MKNOD: 27, CAP_SYSLOG: 34, CAP_BPF: 39 },
};

const dangerous = (mask: string) =>
  Object.keys(DANGEROUS).filter((name) => (BigInt(`0x${mask}`) >> BigInt(DANGEROUS[name]!)) & 1n);

/** What is dangerous in each of the box's capability sets. */
const dangers = (pid: number) => {
  // With no_new_privs nothing is ever gained by execve(2): then the bounding set bounds nothing.
  const bound = status(pid, "NoNewPrivs") === "1" ? [] : ["CapBnd"];
  return ["CapInh", "CapPrm", "CapEff", "CapAmb", ...bound]
    .map((name) => ({ name, left: dangerous(status(pid, name)) }))
    .filter(({ left }) => left.length > 0);
};

export const checks = [
  inVain({
    ...ESCAPE,
    title: "root in the box cannot walk out by chroot",
    tries: walksOut,
    hint: () =>
      "It read a file of the host's: checks/escape.c tells how. A root moved by chroot(2) is a mark on the way up, the way goes on behind it. Which call makes the way end?",
  }),

  inVain({
    ...ESCAPE,
    title: "not even with --privileged",
    tries: walksOut,
    options: ["--privileged"],
    hint: () =>
      "It read a file of the host's. That no privilege is missing must not matter: there is no way up.",
  }),

  check({
    ...ESCAPE,
    title: "--chroot is the weaker way: from there it walks out",
    run: ({ dir }) => ["/escape", `${dir}/secret`],
    options: ["--chroot", "--privileged"],
    holds: ({ stdout, mark }) => stdout === mark,
    hint: ({ stderr }) =>
      `checks/escape.c did not get out: ${stderr.trim() || "it found no host"}. Then --chroot shows nothing that the default does not.`,
  }),

  check({
    since: 4,
    title: "a directory of the host's as standard input is no way out",
    before: ({ dir, mark }) => writeFileSync(`${dir}/secret`, mark),
    stdinFrom: ({ dir }) => dir,
    run: ["sh", "-c", "cat /proc/self/fd/0/secret; echo tried"],
    needs: ["refuses directories"],
    // It may refuse to run; if it does run, to the end.
    holds: ({ stdout, status }) => (status === 125 ? stdout === "" : stdout === "tried\n"),
    hint: ({ stdout, mark }) =>
      stdout.includes(mark)
        ? "It read a file of the host's, by /proc/self/fd/0: an open directory leads to all that is below, and by .. above. The program is the last who can look what its descriptors are."
        : "The box neither ran to its end nor was refused with 125.",
  }),

  inVain({
    since: 4,
    title: "the terminal outside cannot be typed into",
    unless: noCompiler("typist"),
    before: ({ root }) => writeFileSync(`${root}/typist`, programs.typist!, { mode: 0o755 }),
    tries: "stty -onlcr; /typist",
    terminal: true,
    needs: ["keeps off the terminal"],
    hint: () =>
      "It put a key into the terminal's queue: the shell that started the box would have read it, and run it as the host's root. A capability is not what this ioctl asks for. What can refuse a system call by its arguments?",
  }),

  check({
    since: 4,
    title: "--chroot: / is the root file system that was given",
    run: ["sh", "-c", "cat /etc/mark; pwd"],
    options: ["--chroot"],
    holds: ({ stdout, mark }) => stdout === `${mark}/\n`,
    hint: ({ stdout, mark }) =>
      `Expected ${mark} and /, the box wrote ${JSON.stringify(stdout)}. chroot(2) leaves the working directory alone.`,
  }),

  check({
    since: 4,
    title: "root in the box lacks the capabilities that are root on the host",
    run: lives(),
    during: ({ box }) => dangers(box),
    holds: ({ during }) => during.length === 0,
    hint: ({ during }) =>
      `${during.map(({ name, left }) => `${name} has ${left.join(", ")}.`).join(" ")} Five sets decide what root may: capabilities(7). What is in the bounding set comes back with execve(2).`,
  }),

  inVain({
    since: 4,
    title: "root in the box cannot make a device node",
    tries: "mknod /tmp/disk b 8 0 && echo made",
    hint: () => "It made one, for the host's first disk: who can open that reads any file of the host's.",
  }),

  inVain({
    since: 4,
    title: "root in the box cannot mount",
    tries: "mount -t tmpfs none /mnt && echo mounted",
    hint: () =>
      "It mounted a tmpfs. Then it can mount a disk, or a sysfs that is not read-only: which capability is that?",
  }),

  check({
    since: 4,
    title: "--privileged: root in the box can",
    run: ["sh", "-c", "mount -t tmpfs none /mnt && echo mounted"],
    options: ["--privileged"],
    holds: ({ stdout }) => stdout === "mounted\n",
    hint: ({ stderr }) => `It could not: ${stderr.trim()}. --privileged keeps all capabilities.`,
  }),
];
