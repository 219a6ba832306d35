// Style sheets and scripts, each with what it imports in one file: pages on file:// cannot import modules.
import { join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const ENTRIES = [
  "style/site.css",
  "style/slides.css",
  "client/site.js",
  "client/search.js",
  "client/slides.js",
  "client/player.js",
];

/** The assets by their address. */
export async function makeAssets(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: ENTRIES.map((entry) => join(here, entry)),
    outdir: "/assets",
    entryNames: "[name]",
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    write: false,
    logLevel: "error",
  });
  return new Map(outputFiles.map(({ path, text }) => [path.slice(1), text]));
}
