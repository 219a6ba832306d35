// The sign of the book: a process, and a wall more around it with each step.
import { type Html, html } from "./html.ts";

const MOST = 7;

/** The walls there are after step `step`; the newest stands out, those to come are faint. */
export function walls(step: number): Html {
  const each = Array.from({ length: MOST }, (_, i) => wall(i + 1, step));
  return html`<svg class="walls" viewBox="0 0 100 100" aria-hidden="true">${each}<circle cx="50" cy="50" r="3.2"/></svg>`;
}

function wall(number: number, step: number): Html {
  const half = 3 + number * 6.3;
  const kind = number === step ? "newest" : number < step ? "built" : "later";
  const width = number === step ? 2.4 : 1.3;
  const size = half * 2;
  return html`<rect class="${kind}" x="${50 - half}" y="${50 - half}" width="${size}" height="${size}" rx="${1 + number}" stroke-width="${width}"/>`;
}
