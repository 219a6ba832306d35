// The shell of a lesson's terminal: as after a login, and the same whoever starts it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../lib/paths.ts";

/** What it reads first: nothing of the user's, and no prompt that programs started in it inherit. */
const RC = `PS1='$ ' PS2='> '
unset HISTFILE
set +H
bind 'set enable-bracketed-paste off'
`;

/** Its command line and its variables; what it reads goes into `folder`. */
export function shellIn(folder: string): { command: string[]; env: NodeJS.ProcessEnv } {
  writeFileSync(join(folder, "rc"), RC);
  return {
    command: ["bash", "--noprofile", "--rcfile", join(folder, "rc"), "-i"],
    env: environment(folder),
  };
}

/** As after a login: whoever runs the lessons has variables that no reader has. */
function environment(folder: string): NodeJS.ProcessEnv {
  const { PATH, STEPS_BUNDLED: bundles, VM } = process.env;
  const programs = join(repository, "node_modules/.bin");
  const others = PATH!.split(":").filter((each) => !each.includes("node_modules")); // npm adds seven
  const path = [...(VM && bundles ? [shim(folder, bundles)] : []), programs, ...others];
  return { HOME: "/root", USER: "root", SHELL: "/bin/bash", LANG: "C.UTF-8", PATH: path.join(":") };
}

/** A folder with a `tsx` that starts the bundles of the steps: in an emulated machine the real one takes seconds. */
function shim(folder: string, bundles: string): string {
  const script = `#!/bin/sh
case $1 in
steps/*/main.ts) step=$(basename "$(dirname "$1")"); shift; exec node '${bundles}'/"$step"/main.mjs "$@" ;;
*) exec '${repository}/node_modules/.bin/tsx' "$@" ;;
esac
`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/tsx"), script, { mode: 0o755 });
  return join(folder, "bin");
}
