// Gets a root file system for the boxes. A box needs one: /bin/sh and all else it runs is looked up in there.
//   try    npm run rootfs     then: sudo chroot /var/lib/linux-containers-diy/rootfs sh
import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { machine } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { defaultRootfs, fromCaller } from "./lib/paths.ts";
import { alpine, type Release } from "./lib/rootfs/alpine.ts";
import { debian } from "./lib/rootfs/debian.ts";
import { host } from "./lib/rootfs/host.ts";
import { type Maker, type Making, prove } from "./lib/rootfs/kind.ts";
import { isCarried, offline } from "./lib/rootfs/offline.ts";
import { claim, replace } from "./lib/rootfs/target.ts";
import { stopSignal } from "./lib/stop.ts";

const usage = `usage: npm run rootfs -- [alpine|debian|host|offline] [options]

Makes a root file system for the boxes.
  alpine   Alpine Linux, downloaded: small, complete, with a package manager
  debian   busybox out of Debian's own package: needs apt-get
  host     this machine's busybox, or its programs and their libraries: needs no network
  offline  the one that came with this copy of the repository, if npm run offline made it
Without a name, the last if it is there, else the first that works.

  --to DIR      where it goes (default: ${defaultRootfs})
  --force       replace the root file system that is there
  --arch ARCH   x86_64 or aarch64 (default: this machine's)
  --help

ALPINE_MIRROR    asked instead of https://dl-cdn.alpinelinux.org/alpine
XDG_CACHE_HOME   downloads are kept in it, in linux-containers-diy (default: ~/.cache)
`;

const makers = { alpine, debian, host, offline } satisfies Record<string, Maker>;

export type Kind = keyof typeof makers;

const kinds = Object.keys(makers) as Kind[];

/** `to`: the directory. `release`: another Alpine, whose checksum is as mandatory as the pinned one's. */
export type Wish = Partial<Making> & { kind?: Kind; to?: string; force?: boolean };

/**
 * Makes a root file system in a directory (default: `defaultRootfs`), all or nothing. Returns its
 * kind, the wanted one or the first that worked, and why it became that. Throws an error of one line.
 */
export async function makeRootfs(wish: Wish = {}): Promise<{ kind: Kind; why: string }> {
  if (process.getuid?.() !== 0) throw new Error("only root can make one: the files in it belong to root");
  const target = claim(wish.to ?? defaultRootfs, wish.force);
  const making = { ...wish, arch: wish.arch ?? machine() };
  const story: string[] = [];
  for (const kind of wish.kind ? [wish.kind] : likely(making)) {
    try {
      story.push(`${kind}: ${await make(kind, target, making)}`);
      return { kind, why: story.join("; ") };
    } catch (error) {
      wish.signal?.throwIfAborted();
      story.push(`${kind}: ${(error as Error).message}`);
    }
  }
  throw new Error(story.join("; "));
}

/** In the order of preference. */
const likely = ({ arch }: Making): Kind[] => [
  ...(isCarried(arch) ? (["offline"] as const) : []),
  ...(["alpine", "debian", "host"] as const),
];

/** Makes it beside `target`, on the same disk: one rename brings it there whole, or nothing. */
async function make(kind: Kind, target: string, making: Making & Wish): Promise<string> {
  const fresh = mkdtempSync(`${target}.new-`);
  const umask = process.umask(0o022); // programs and libraries are for every user in the box
  try {
    chmodSync(fresh, 0o755);
    const how = await makers[kind](fresh, making);
    await prove(fresh, making);
    replace(target, fresh, making.force);
    return how;
  } finally {
    process.umask(umask);
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The command. Returns its exit status; a failure is one line on stderr. */
export async function rootfsCommand(args: string[], release?: Partial<Release>): Promise<number> {
  try {
    const { help, ...wish } = readArguments(args);
    if (help) process.stdout.write(usage);
    else say((await makeRootfs({ ...wish, release, signal: stopSignal(unchanged) })).why);
    return 0;
  } catch (error) {
    say(explain(error as Error));
    return 125;
  }
}

const unchanged = (signal: string) => new Error(`${signal}: nothing was changed, downloads are kept`);

const say = (line: string) => process.stderr.write(`rootfs: ${line}\n`);

/** parseArgs goes on to say what else may have been meant. */
function explain({ message, code }: Error & { code?: string }): string {
  return code?.startsWith("ERR_PARSE_ARGS") ? `${message.split(". To specify")[0]}: see --help` : message;
}

function readArguments(args: string[]): Wish & { help?: boolean } {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { to: text, arch: text, force: flag, help: flag };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [kind, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`expected one kind, got ${positionals.join(" ")}`);
  const to = values.to && fromCaller(values.to);
  return { ...values, to, arch: oneOf(["x86_64", "aarch64"], values.arch), kind: oneOf(kinds, kind) };
}

function oneOf<T extends string>(known: T[], given: string | undefined): T | undefined {
  const found = known.find((name) => name === given);
  if (given !== undefined && !found) throw new Error(`expected ${known.join(" or ")}, got ${given}`);
  return found;
}

if (realpathSync(String(process.argv[1])) === fileURLToPath(import.meta.url))
  process.exitCode = await rootfsCommand(process.argv.slice(2));
