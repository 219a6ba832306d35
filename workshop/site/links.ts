// Where the links of a text lead on the site: to a page, to a place in it, to a file of the repository.
import { dirname, join } from "node:path";
import { UsageError } from "../../lib/report.ts";
import type { Block } from "./blocks.ts";
import type { Book, Page } from "./book.ts";
import { isFile, sourceAddress } from "./files.ts";
import { slug } from "./markdown.ts";

/** An address for `href` in the text of `page`, from the site's first folder. @throws {UsageError} if it leads nowhere */
export function resolveLink(book: Book, page: Page, href: string): string {
  if (/^[a-z]+:/.test(href)) return href;
  const [path = "", id] = href.split("#");
  const file = path ? join(dirname(page.file), path) : page.file;
  const target = book.pages.find((each) => each.file === file);
  if (target && (id === undefined || idsOf(target.blocks).includes(id)))
    return `${target.name}.html${id === undefined ? "" : `#${id}`}`;
  if (!target && isFile(file)) return sourceAddress(file);
  throw new UsageError(`${page.file}: the link to ${href} leads nowhere`);
}

const idsOf = (blocks: Block[]): string[] =>
  blocks.flatMap((block) => (block.kind === "heading" ? [slug(block.token.text)] : []));
