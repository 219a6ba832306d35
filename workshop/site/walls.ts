// The sign of the book: a process, and a wall more around it with each step.
import { type Html, html } from "./html.ts";

/** The walls there are after step `step`, of `most`; the newest stands out, those to come are faint. */
export function walls(step: number, most = 7): Html {
  const each = Array.from({ length: most }, (_, i) => wall(i + 1, step, most));
  return html`<svg class="walls" viewBox="0 0 100 100" aria-hidden="true">${each}<circle cx="50" cy="50" r="${most < 5 ? 7 : 3.2}"/></svg>`;
}

function wall(number: number, step: number, most: number): Html {
  const half = 3 + (number * 44) / most;
  const kind = number === step ? "newest" : number < step ? "built" : "later";
  const width = (number === step ? 17 : 9) / most;
  const size = half * 2;
  return html`<rect class="${kind}" x="${50 - half}" y="${50 - half}" width="${size}" height="${size}" rx="${1 + (7 * number) / most}" stroke-width="${width}"/>`;
}
