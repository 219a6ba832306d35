// Step 1: the command's stdin, stdout and stderr are the ones the program was given, and it is given no more.
import { randomBytes } from "node:crypto";
import { check, lives } from "./check.ts";
import { descriptors, nonBlocking } from "./proc.ts";

const TEN_MEGABYTES = randomBytes(10_000_000);

export const checks = [
  check({
    since: 1,
    title: "stdout and stderr stay apart",
    run: ["sh", "-c", "echo out; echo err >&2"],
    holds: ({ stdout, stderr }) => stdout === "out\n" && stderr === "err\n",
    hint: ({ stdout, stderr }) =>
      `stdout is ${JSON.stringify(stdout)} and stderr ${JSON.stringify(stderr)}. Both are the command's alone: descriptor 1 and descriptor 2, untouched.`,
  }),

  check({
    since: 1,
    title: "a command that says nothing makes a run that says nothing",
    run: ["sh", "-c", "exit 4"],
    holds: ({ stdout, stderr, status }) => stdout === "" && stderr === "" && status === 4,
    hint: ({ stdout, stderr }) =>
      `“exit 4” wrote ${JSON.stringify(stdout + stderr)}. That was the program: words of its own spoil “run … > file”.`,
  }),

  check({
    since: 1,
    title: "10 MB go through stdin and stdout unchanged",
    run: ["cat"],
    stdin: TEN_MEGABYTES,
    holds: ({ bytes }) => bytes.equals(TEN_MEGABYTES),
    hint: ({ bytes }) =>
      bytes.length === TEN_MEGABYTES.length
        ? "The length is right and the bytes are not: something between reads them as text."
        : `Of 10,000,000 bytes into “cat”, ${bytes.length} came out. Is the program between the command and its stdin, stdout? Does it leave before all is written?`,
  }),

  check({
    since: 1,
    title: "stdin, stdout and stderr are blocking in the box",
    run: lives(),
    during: ({ box }) => [0, 1, 2].filter((fd) => nonBlocking(box, fd)),
    holds: ({ during }) => during.length === 0,
    hint: ({ during }) =>
      `O_NONBLOCK is set on descriptor ${during.join(" and ")}: “cat” will stop with EAGAIN. The flag belongs to the open file, which the program and the command share: who sets it, who clears it?`,
  }),

  check({
    since: 1,
    title: "the command inherits descriptors 0, 1 and 2 and no other",
    run: lives(),
    needs: ["closed descriptors"],
    during: ({ box }) => Object.entries(descriptors(box)).filter(([fd]) => Number(fd) > 2),
    holds: ({ during }) => during.length === 0,
    hint: ({ during }) =>
      `Open in the box: ${during.map(([fd, path]) => `${fd} → ${path}`).join(", ")}. A descriptor reaches through any namespace. The shell that started the program left one open, too: close-on-exec for one's own is not enough.`,
  }),
];
