// Pictures as part of the page, so that they follow the colours the reader has chosen.
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { UsageError } from "../../lib/report.ts";
import { type Html, html, raw } from "./html.ts";

/** The SVG at `file` as markup; `alt` says what it shows. Its ids get `prefix`, as a page can have several. */
export function inlinePicture(file: string, alt: string, prefix: string): Html {
  if (extname(file) !== ".svg") throw new UsageError(`${file}: pictures are SVG, see lessons/README.md`);
  if (!existsSync(file)) throw new UsageError(`${file}: there is no such picture`);
  const picture = readFileSync(file, "utf8")
    .replace(/<\?xml[^>]*>|<!--[\s\S]*?-->|<!DOCTYPE[^>]*>|<title>[\s\S]*?<\/title>/g, "")
    .replace(/<style>([\s\S]*?)<\/style>/g, (_, rules) => ownStyle(rules, dirname(file)))
    .replace(/\bid="|url\(#|href="#/g, (before) => `${before}${prefix}-`)
    .replace(/<svg\b([^>]*)>/, (_, attributes) => opening(attributes, alt).html);
  return raw(picture.trim());
}

function opening(attributes: string, alt: string): Html {
  const kept = attributes.replace(/\s(role|xmlns|width|height|aria-[a-z]+)="[^"]*"/g, "");
  return html`<svg role="img" aria-label="${alt}"${raw(kept)}>`;
}

/** What a picture's style has beyond the one that all share, which is in the site's own style sheet. */
function ownStyle(rules: string, folder: string): string {
  const shared = readFileSync(join(folder, "style.css"), "utf8").split("\n");
  const own = rules.split("\n").filter((line) => line.trim() && !shared.includes(line.trim()));
  return own.length > 0 ? `<style>${own.join("\n")}</style>` : "";
}
