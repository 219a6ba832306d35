// Recordings of lessons, in asciicast format. A page loads one when its reader wants to see it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Html, html } from "./html.ts";

export type Cast = { name: string; title: string; seconds: number; text: string };

/** The recordings in a folder, by name; none if there is no such folder. */
export function readCasts(folder: string): Cast[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".cast"));
  return names.sort().map((name) => readCast(folder, name));
}

function readCast(folder: string, file: string): Cast {
  const text = readFileSync(join(folder, file), "utf8");
  const lines = text.trimEnd().split("\n");
  const name = file.replace(/\.cast$/, "");
  const { title } = JSON.parse(lines[0]!) as { title?: string };
  const [seconds] = JSON.parse(lines.at(-1)!) as [number];
  return { name, title: title ?? name, seconds, text };
}

/** Where a recording will be played, without script a line that says so. */
export const renderCast = ({ name, title, seconds }: Cast): Html =>
  html`<figure class="cast wide needs-script" data-cast="${name}"><button class="play">Watch: ${title}<span>${minutes(seconds)}</span></button></figure>`;

/** The script that brings a recording to its page: files cannot be fetched on file://. */
export const castScript = ({ name, text }: Cast): string =>
  `globalThis.casts = { ...globalThis.casts, ${JSON.stringify(name)}: ${JSON.stringify(text)} };\n`;

const minutes = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
