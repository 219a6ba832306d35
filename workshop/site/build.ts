// npm run site: writes the site to site/, or to another directory with --to DIR. It can lie anywhere, and be read as files.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { repository } from "../../lib/paths.ts";
import { runCommand } from "./command.ts";
import { makeSite, type Site } from "./site.ts";

/** Writes each page of the site below `folder`. */
export function writeSite(site: Site, folder: string): void {
  for (const [address, text] of site) {
    const file = join(folder, address);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { to: { type: "string" } } });
  const folder = values.to ? resolve(values.to) : join(repository, "site");
  const site = await makeSite();
  if (!values.to) rmSync(folder, { recursive: true, force: true });
  writeSite(site, folder);
  console.log(`${site.size} files in ${folder}: open ${join(folder, "index.html")}`);
}

if (process.argv[1] === import.meta.filename) await runCommand("site", main);
