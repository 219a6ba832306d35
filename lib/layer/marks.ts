// What a layer takes away, in two spellings. For overlay, "deleted" is a character device 0:0, and "nothing from
// below shows through" an attribute of the directory. For tar they are empty files, .wh.NAME and .wh..wh..opq.
//   source  https://github.com/opencontainers/image-spec/blob/main/layer.md#representing-changes
import { lstatSync, readdirSync, renameSync, statSync, unlinkSync, utimesSync } from "node:fs";
import { lgetxattr, lsetxattr, mknod, perform, type SystemError } from "../../native/index.ts";
import { UsageError } from "../report.ts";

const OPAQUE = "trusted.overlay.opaque";
const DELETED = ".wh.";
const OPAQUE_FILE = ".wh..wh..opq";
const OTHERS = ".wh..wh."; // aufs kept its own books in such files

/** A name is bytes and need not be UTF-8. As latin1 every byte is a character, so none is lost. */
export const bytes = (path: string): Buffer => Buffer.from(path, "latin1");
/** The path of which `bytes` makes the same bytes again. */
export const latin1 = (path: string): string => Buffer.from(path).toString("latin1");

/** What is in the layer, in one order everywhere, and the marks for what it takes away. Paths start with a dot. */
export function survey(directory: string): { names: string[]; marks: string[] } {
  const root = latin1(directory);
  const [names, marks] = [["."], [] as string[]];
  const visit = (at: string): void => {
    for (const entry of list(`${root}/${at}`)) {
      const path = `${at}/${entry.name}`;
      if (entry.isCharacterDevice() && lstatSync(bytes(`${root}/${path}`)).rdev === 0) {
        marks.push(`${at}/${DELETED}${entry.name}`);
        continue;
      }
      names.push(path);
      if (!entry.isDirectory()) continue;
      if (isOpaque(`${root}/${path}`)) marks.push(`${path}/${OPAQUE_FILE}`);
      visit(path);
    }
  };
  visit(".");
  return { names, marks };
}

/** Turns the marks in an unpacked layer into what overlay knows. `spare`: a free path on the same file system. */
export function applyMarks(directory: string, spare: string): void {
  const visit = (at: string): void => {
    const entries = list(at);
    const marks = entries.filter(({ name }) => name.startsWith(DELETED));
    const { atime, mtimeMs } = statSync(bytes(at));
    for (const { name } of marks) applyMark(at, name, spare);
    if (marks.length > 0) utimesSync(bytes(at), atime, Math.floor(mtimeMs / 1000));
    for (const entry of entries) if (entry.isDirectory()) visit(`${at}/${entry.name}`);
  };
  visit(latin1(directory));
}

function applyMark(at: string, mark: string, spare: string): void {
  unlinkSync(bytes(`${at}/${mark}`));
  if (mark === OPAQUE_FILE) perform(lsetxattr(bytes(at), OPAQUE, "y"));
  if (mark.startsWith(OTHERS)) return;
  const name = mark.slice(DELETED.length);
  if (["", ".", ".."].includes(name)) throw new UsageError(`the archive is not safe: it deletes '${name}'`);
  const own = lstatSync(bytes(`${at}/${name}`), { throwIfNoEntry: false });
  if (own?.isDirectory()) perform(lsetxattr(bytes(`${at}/${name}`), OPAQUE, "y"));
  if (own) return; // what the layer itself brings hides what is below
  perform(mknod(spare, 0, 0, 0));
  renameSync(spare, bytes(`${at}/${name}`));
}

const list = (directory: string) =>
  readdirSync(bytes(directory), { withFileTypes: true, encoding: "latin1" as "utf8" }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );

function isOpaque(directory: string): boolean {
  try {
    return perform(lgetxattr(bytes(directory), OPAQUE)) > 0;
  } catch (error) {
    if (["ENODATA", "ENOTSUP"].includes((error as SystemError).code!)) return false;
    throw error;
  }
}
