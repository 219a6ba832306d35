// How tests start a step. As plain JavaScript, bundled once before all tests: that takes 0.05 s a start instead of
// 0.3, and one second instead of six in an emulated machine. Tests of starting itself use tsx, as the reader does.

import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, buildSync } from "esbuild";
import { repository } from "../lib/paths.ts";

const folder = join(repository, "steps");
const bundles =
  process.env.STEPS_BUNDLED ?? join(repository, "node_modules", ".cache", `steps-${process.pid}`);

/** The names of all steps, in order: `01-exec` … */
export const stepNames = (): string[] =>
  readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "main.ts")))
    .sort();

/** The words that start a step, `run …` to follow. */
export const stepCommand = (name: string): string[] => command(name, join(folder, name, "main.ts"));

const images = join(repository, "workshop", "images.ts");

/** The words that start `npm run images`. */
export const imagesCommand = (): string[] => command("images", images);

/** Node itself: the tsx command is two processes. */
const command = (name: string, file: string): string[] =>
  process.env.STEPS_BUNDLED
    ? [process.execPath, join(bundles, name, "main.mjs")]
    : [process.execPath, "--import", import.meta.resolve("tsx"), file];

/** Bundles every step. From then on stepCommand() means the bundles, here and in processes started by us. */
export function bundleSteps(): void {
  if (process.env.STEPS_BUNDLED) return;
  for (const name of stepNames()) bundle(name, join(folder, name, "main.ts"));
  bundle("images", images);
  process.env.STEPS_BUNDLED = bundles;
}

function bundle(name: string, file: string): void {
  const directory = join(bundles, name);
  mkdirSync(directory, { recursive: true });
  // native/addon.ts looks for the addon beside itself, which it will be inside the bundle.
  for (const place of ["build", "prebuilds"])
    symlinkSync(join(repository, "native", place), join(directory, place));
  buildSync({ ...asOneFile(file), outfile: join(directory, "main.mjs"), logLevel: "error" });
}

/** What esbuild is told to make one file of JavaScript of a program. */
export const asOneFile = (file: string) =>
  ({
    entryPoints: [file],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
  }) satisfies BuildOptions;

/** vitest's globalSetup: the bundles go with the run that made them. */
export function setup(): () => void {
  if (process.env.STEPS_BUNDLED) return () => {};
  bundleSteps();
  return () => rmSync(bundles, { recursive: true });
}
