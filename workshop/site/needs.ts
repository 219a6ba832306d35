// What lessons and transcripts need, in words for the reader. Any other word is the name of a program.
const WORDS: Record<string, string> = {
  rootfs: "a root file system",
  cgroup1: "cgroup v1",
  cgroup2: "cgroup v2",
  cc: "a C compiler",
};

/** `["root", "rootfs"]` → `needs root, a root file system` */
export const inWords = (needs: string[]): string =>
  `needs ${needs.map((need) => WORDS[need] ?? need).join(", ")}`;
