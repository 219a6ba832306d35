// npm run help: the commands, by what one wants to do.

export const commands: Record<string, Record<string, string>> = {
  "to learn": {
    start: "a shell in a box of the newest step; -- [OPTIONS] COMMAND runs that",
    play: "a program of your own, step by step",
    check: "says whether it does what the step's should",
    rootfs: "makes a root file system for boxes",
    images: "lists, makes and removes images",
  },
  "to teach": {
    lessons: "serves the lessons as a site with slides",
    site: "writes that site as files",
    demo: "types a lesson's commands when you press Enter",
    record: "records a lesson as the site plays it",
    offline: "packs all of this into one file, for a room without a network",
  },
  "when something is wrong": {
    doctor: "which steps work on this machine, and what to do for the others",
    clean: "removes what boxes have left; -- --all everything",
  },
  "to change it": {
    test: "runs all tests on this kernel",
    "test:vm": "runs those of step 5 on a kernel with cgroup version 2 alone",
    "lessons:check": "acts the lessons out, and says what differs",
    "lessons:weave": "puts the code of the steps into the lessons",
    bench: "what starting a box costs, beside the same in C",
    lint: "format and style",
    typecheck: "types",
    "build:native": "compiles the addon for this machine",
    "build:prebuild": "compiles the addon that the repository brings along",
  },
};

if (import.meta.filename === process.argv[1]) print();

function print(): void {
  for (const [aim, list] of Object.entries(commands)) {
    console.log(`\n${aim}\n`);
    for (const [name, what] of Object.entries(list))
      console.log(
        `  npm ${/^(start|test)$/.test(name) ? name.padEnd(19) : `run ${name.padEnd(15)}`} ${what}`,
      );
  }
  console.log("\nMost tell more with -- --help.");
}
