// Markup as a template: what is put into it is escaped, unless it is markup itself.

/** Markup that may go into a page as it is. */
export type Html = { readonly html: string };

type Part = Html | string | number | false | null | undefined | readonly Part[];

/** `html\`<p>${text}</p>\``: text is escaped, markup and lists of markup are not; false, null and undefined are nothing. */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html =>
  raw(strings.map((string, i) => string + (i < parts.length ? markup(parts[i]) : "")).join(""));

/** Takes a string for markup. */
export const raw = (text: string): Html => ({ html: text });

/** Puts several pieces of markup behind each other. */
export const join = (parts: readonly Html[], between = ""): Html =>
  raw(parts.map((part) => part.html).join(between));

export const escapeText = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (each) => `&${{ "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "#39" }[each]};`,
  );

/** What is left of markup when its tags go, as plain text. */
export const textOf = (text: string): string =>
  text
    .replace(/<[^>]*>/g, "")
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ENTITIES[name as keyof typeof ENTITIES]);

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function markup(part: Part): string {
  if (part === false || part === null || part === undefined) return "";
  if (Array.isArray(part)) return part.map(markup).join("");
  return typeof part === "object" ? (part as Html).html : escapeText(String(part));
}
