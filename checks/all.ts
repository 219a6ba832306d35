// All checks, in the order of the steps: every file of this folder whose name starts with a step's number.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";

const files = readdirSync(import.meta.dirname).filter((name) => /^\d\d-.*\.ts$/.test(name));

const load = async (file: string): Promise<Check[]> =>
  (await import(/* @vite-ignore */ join(import.meta.dirname, file))).checks;

/** The checks that must hold for `step`. */
export const checksFor = async (step: number) => {
  const all = (await Promise.all(files.sort().map(load))).flat();
  return all.filter(({ since }) => since <= step);
};
