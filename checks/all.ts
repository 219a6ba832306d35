// All checks, in the order of the steps: every file of this folder whose name starts with a step's number.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";

// Without the ending, 03-pid comes before 03-pid-init.
const files = readdirSync(import.meta.dirname).flatMap((name) => /^(\d\d-.*)\.ts$/.exec(name)?.[1] ?? []);

const load = async (file: string): Promise<Check[]> =>
  (await import(/* @vite-ignore */ join(import.meta.dirname, `${file}.ts`))).checks;

/** The checks that must hold for `step`. */
export const checksFor = async (step: number) => {
  const all = (await Promise.all(files.sort().map(load))).flat();
  return all.filter(({ since }) => since <= step);
};
