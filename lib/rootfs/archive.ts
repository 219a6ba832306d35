// Unpacks an archive of a root file system, after reading what it would do.
//
// The same tar lists and unpacks, so both read the archive alike. Not npm's tar: it rewrites absolute
// symlinks, drops setuid bits and skips devices.
import { posix } from "node:path";
import { run } from "./run.ts";

const unsafe = "the archive is not safe, nothing was unpacked";

/** A line of `tar --list --verbose`: the letter of `ls -l` (or h, a hard link), the name, a link's target. */
type Member = { type: string; name: string; target: string };

/** Unpacks `archive` into the directory `into`; owners, modes and devices stay as they are. `env`: for tar, GNU's. */
export async function unpack(
  archive: string,
  into: string,
  signal?: AbortSignal,
  env?: NodeJS.ProcessEnv,
): Promise<void> {
  refuseHostile(await list(archive, signal));
  const extract = ["--numeric-owner", "-xpf", archive, "-C", into];
  await run("tar", extract, { signal, env }).catch((error: Error) => {
    if (!/No space left|Wrote only/.test(error.message)) throw error;
    throw new Error(
      `no space left to unpack ${archive} in ${into}: free some, or choose another place with --to`,
    );
  });
}

/** Throws if a member would write, or make a hard link, outside of the directory it is unpacked in. */
function refuseHostile(members: Member[]): void {
  const links = new Set(members.filter(isLink).map(({ name }) => parts(name).join("/")));
  for (const member of members) {
    const fault = faultOf(member, links);
    if (fault) throw new Error(`${unsafe}: ${member.name} ${fault}`);
  }
}

/** Reads the members. --absolute-names: as they are, not as tar would mend them. */
async function list(archive: string, signal?: AbortSignal): Promise<Member[]> {
  const how = ["--list", "--verbose", "--numeric-owner", "--absolute-names", "--quoting-style=c"];
  const lines = await run("tar", [...how, "-f", archive], { signal });
  return lines.split("\n").filter(Boolean).map(memberOf);
}

/** The quotes leave a name no way to look like the rest of the line. */
function memberOf(line: string): Member {
  const shape =
    /^([-dlhbcp])\S+ +\S+ +\S+ +\S+ +\S+ "((?:[^"\\]|\\.)*)"(?: (?:->|link to) "((?:[^"\\]|\\.)*)")?$/;
  const [, type, name, target = ""] = shape.exec(line) ?? [];
  if (!type || !name) throw new Error(`${unsafe}: no root file system has ${line}`);
  return { type, name, target };
}

function faultOf({ type, name, target }: Member, links: Set<string>): string | undefined {
  if (leadsOut(name)) return "leads out of the root";
  if (isBelow(name, links)) return "is reached through a link of the same archive";
  // Written after the link of that name, a file would land where the link points.
  if (!isLink({ type }) && links.has(parts(name).join("/"))) return "comes twice, once as a link";
  if (type === "h" && (leadsOut(target) || isBelow(target, links)))
    return `is a hard link to ${target}, which is outside of the root`;
  // An absolute symlink is normal: in the box, / is the root itself.
  if (type === "l" && !target.startsWith("/") && leadsOut(posix.join(posix.dirname(name), target)))
    return `is a symlink to ${target}, which is outside of the root`;
}

/** Hard links too: one to a symlink is that symlink under a second name. */
const isLink = ({ type }: { type: string }): boolean => type === "l" || type === "h";

const parts = (name: string): string[] => name.split("/").filter((part) => part !== "" && part !== ".");

const leadsOut = (name: string): boolean => name.startsWith("/") || parts(name).includes("..");

/** Whether a directory on the way to `name` is one of the links. */
function isBelow(name: string, links: Set<string>): boolean {
  const way = parts(name);
  return way.some((_, depth) => links.has(way.slice(0, depth).join("/")));
}
