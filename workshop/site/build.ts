// npm run site: writes the site as files.
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromCaller, makeDirectory, repository } from "../../lib/paths.ts";
import { reportAndExit, UsageError } from "../../lib/report.ts";
import { readWords } from "../words.ts";
import { makeSite, type Site } from "./site.ts";

/** Writes each page of the site below `folder`. */
export function writeSite(site: Site, folder: string): void {
  for (const [address, text] of site) {
    const file = join(folder, address);
    makeDirectory(dirname(file));
    writeFileSync(file, text);
  }
}

const usage = `usage: npm run site -- [--to DIR]

Writes the lessons as a site into DIR (default: site/, which is made anew). It can lie anywhere, and be read as files.
`;

async function main(): Promise<void> {
  const { given, words } = readWords({ to: { type: "string" }, help: { type: "boolean" } });
  if (given.help) return void process.stdout.write(usage);
  if (words.length > 0) throw new UsageError(`expected no words, got '${words.join(" ")}': see -- --help`);
  const folder = given.to ? fromCaller(String(given.to)) : join(repository, "site");
  const site = await makeSite();
  if (!given.to) rmSync(folder, { recursive: true, force: true });
  writeSite(site, folder);
  console.log(`${site.size} files in ${folder}: open ${join(folder, "index.html")}`);
}

if (process.argv[1] === import.meta.filename) {
  process.on("uncaughtException", reportAndExit);
  await main();
}
