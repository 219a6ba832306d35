// The files by which programs find other hosts and their own: resolv.conf(5), hosts(5), hostname(5). Each box has
// its own, in a directory named after it, and gets them as volumes.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { boxName, isAlive } from "./boxes.ts";
import { makeDirectory, runtime } from "./paths.ts";
import { atExit } from "./report.ts";

const boxes = join(runtime, "names");
const own = join(boxes, boxName());

/** Makes the three files, to be mounted in /etc. They go when we end; those of killed launchers go now. */
export function makeNameFiles(hostname: string, resolvConf: string): { source: string; target: string }[] {
  sweepNames();
  // A box that makes a file of its own setuid must not thereby give it to the host's users.
  makeDirectory(boxes, 0o700);
  chmodSync(boxes, 0o700);
  mkdirSync(own);
  atExit(() => rmSync(own, { recursive: true, force: true }));
  const files = {
    "resolv.conf": resolvConf,
    hosts: "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
    hostname: `${hostname}\n`,
  };
  return Object.entries(files).map(([name, text]) => {
    const source = join(own, name);
    writeFileSync(source, text);
    chmodSync(source, 0o644); // whatever our umask: in the box not only root reads them
    return { source, target: `/etc/${name}` };
  });
}

/** Adds a line to the box's hosts file, which the box, too, sees at once. */
export const addHost = (address: string, hostname: string): void =>
  appendFileSync(join(own, "hosts"), `${address}\t${hostname}\n`);

/** The directories of launchers that were killed. */
export const deadNames = (): string[] =>
  existsSync(boxes)
    ? readdirSync(boxes)
        .filter((each) => !isAlive(each))
        .map((each) => join(boxes, each))
    : [];

/** Removes the directories of launchers that were killed. */
export function sweepNames(): void {
  for (const directory of deadNames()) rmSync(directory, { recursive: true, force: true });
}

// --- resolv.conf ---

// systemd-resolved names only its own 127.0.0.53 in the first, and the servers that it asks itself in the second.
const sources = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];
const PUBLIC = ["8.8.8.8", "8.8.4.4"]; // docker's choice too

const read = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** For a box in the host's network, and for one that can ask nobody. */
export const hostResolvConf = (): string => read(sources[0]!);

/** For a box in another network: the host's, with the name servers asked for, or those that a box can reach as well. */
export function boxResolvConf(asked: string[]): string {
  const rest = hostResolvConf()
    .split("\n")
    .filter((line) => /^\s*(search|domain|options)\s/.test(line));
  const found = () => sources.map(reachable).find(({ length }) => length > 0) ?? fallback();
  const servers = asked.length > 0 ? asked : found();
  return [...rest, ...servers.map((address) => `nameserver ${address}`), ""].join("\n");
}

/** Not 127.0.0.53 and the like, which in the box is the box, nor a link-local address, of a link the box is not on. */
const reachable = (path: string): string[] =>
  [...read(path).matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map(([, address]) => address!)
    .filter((address) => !/^(127\.|::1$|fe80:)/.test(address));

function fallback(): string[] {
  const instead = PUBLIC.join(" and ");
  writeSync(2, `box: a box can reach no name server of this host: it asks ${instead} (--dns names others)\n`);
  return PUBLIC;
}
