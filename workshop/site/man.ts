// `mount(2)` becomes a link to its manual page, with a word on what it does.
import { escapeText, type Html, html, raw } from "./html.ts";
import { manual } from "./manual.ts";

const REFERENCE = /\b([a-zA-Z_][\w.+-]*)\(([1-8])\)/g;

/** The address of a manual page. */
export const manAddress = (name: string, section: string): string =>
  `https://man7.org/linux/man-pages/man${section}/${name}.${section}.html`;

/** Text as markup, each `name(section)` that we know a link. */
export const linkManuals = (text: string): Html =>
  raw(
    escapeText(text).replace(REFERENCE, (reference, name, section) =>
      manual[reference] ? manLink(name, section, html`${reference}`).html : reference,
    ),
  );

/** A link to the manual page of the system call that a function of native/index.ts is named after, if it is one. */
export function linkCall(name: string): Html | undefined {
  const call = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return manual[`${call}(2)`] ? manLink(call, "2", html`${name}`) : undefined;
}

function manLink(name: string, section: string, label: Html): Html {
  return html`<a class="man" href="${manAddress(name, section)}" title="${name}(${section}): ${manual[`${name}(${section})`]}">${label}</a>`;
}
