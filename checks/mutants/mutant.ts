// A mutant: a finished step with one mistake in it, the one that learners make.
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { repository } from "../../lib/paths.ts";
import { type Program, program } from "../programs.ts";
import { asOneFile } from "../steps.ts";

export interface Mutant {
  mistake: string;
  /** File of steps/, what stands in it, and what stands there instead. */
  edits: [file: string, from: string, to: string][];
  /** Words of the title of the check that must see it. */
  caughtBy: string;
  /** What it must say of it. */
  hint: RegExp;
}

/** One edit, in one file. */
export const mutant = (
  mistake: string,
  [file, from, to]: Mutant["edits"][number],
  caughtBy: string,
  hint: RegExp,
): Mutant => ({ mistake, edits: [[file, from, to]], caughtBy, hint });

/** The step with the edits made in a copy, as a program. @throws {Error} if what an edit replaces is not there */
export async function mutated(step: string, edits: Mutant["edits"], place: string): Promise<Program> {
  const texts = new Map<string, string>();
  for (const [name, from, to] of edits) {
    const file = join(repository, "steps", name);
    const text = texts.get(file) ?? readFileSync(file, "utf8");
    if (text.split(from).length !== 2) throw new Error(`steps/${name} has '${from}' not once`);
    texts.set(
      file,
      text.replace(from, () => to),
    );
  }
  mkdirSync(place, { recursive: true });
  for (const path of ["native/build", "native/prebuilds"])
    symlinkSync(join(repository, path), join(place, path.slice("native/".length)));
  const outfile = join(place, "main.mjs");
  const main = join(repository, "steps", step, "main.ts");
  await build({ ...asOneFile(main), outfile, logLevel: "silent", plugins: [replacing(texts)] });
  return program(`step ${step}`, Number.parseInt(step, 10), [process.execPath, outfile]);
}

const replacing = (texts: Map<string, string>): Plugin => ({
  name: "replace",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/steps\// }, ({ path }) => {
      const contents = texts.get(path);
      return contents === undefined ? undefined : { contents, loader: "ts" };
    }),
});
