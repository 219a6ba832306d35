// A second module, because a root alone is not a system: what programs expect to find in it.
import { constants } from "node:fs";
import { flag, list } from "../../lib/cli.ts";
import { expected } from "../../lib/values.ts";
import {
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  mkdir,
  mknod,
  mount,
  open,
  type Recipe,
  symlink,
  tolerate,
  umask,
} from "../../native/index.ts";

const { O_DIRECTORY, O_NOFOLLOW } = constants;

export const systemOptions = {
  env: list("NAME=VALUE", "sets a variable; NAME alone passes the host's on", parseVariable),
  privileged: flag("keep every capability, mask nothing: root in the box can do what root can"),
};

/** What a mount of the kernel's own data has no need for. */
export const HARMLESS = MS_NOSUID | MS_NODEV | MS_NOEXEC;

// #region system
/** Recipe: the file systems a program expects, on a root that may lack even their mount points. */
export const systemMounts = ({ privileged }: { privileged: boolean }): Recipe => [
  umask(0), // modes are meant as written
  ...["/proc", "/sys", "/dev", "/tmp"].flatMap((path) => [
    tolerate(["EEXIST"], mkdir(path, 0o755)),
    open(path, O_DIRECTORY | O_NOFOLLOW), // a link of the image's would have the mount elsewhere, and no mask on it
  ]),
  mount("proc", "/proc", "proc", HARMLESS),
  mount("sysfs", "/sys", "sysfs", HARMLESS | (privileged ? 0 : MS_RDONLY)),
  mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"),
  ...ownDev(),
  umask(process.umask()),
];
// #endregion

// #region dev
const devices: [name: string, major: number, minor: number][] = [
  ["null", 1, 3],
  ["zero", 1, 5],
  ["full", 1, 7],
  ["random", 1, 8],
  ["urandom", 1, 9],
  ["tty", 5, 0],
];

const links: [name: string, target: string][] = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
  ["ptmx", "pts/ptmx"],
];

/** Recipe: the devices that hold nothing of the host's, terminals, shared memory and message queues of its own. */
const ownDev = (): Recipe => [
  mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k"),
  ...devices.map(([name, major, minor]) => mknod(`/dev/${name}`, 0o666, major, minor)),
  ...links.map(([name, target]) => symlink(target, `/dev/${name}`)),
  ...["pts", "shm", "mqueue"].map((name) => mkdir(`/dev/${name}`, 0o755)),
  mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"),
  mount("shm", "/dev/shm", "tmpfs", HARMLESS, "mode=1777,size=64m"),
  mount("mqueue", "/dev/mqueue", "mqueue", HARMLESS),
];
// #endregion

/** The box's environment: nothing of the host's but the terminal's type, and what `--env` asks for. */
export function environment(given: string[]): NodeJS.ProcessEnv {
  const asked = given.map((each): [string, string | undefined] => {
    const [name = "", ...value] = each.split("=");
    return [
      name,
      value.length ? value.join("=") : Object.hasOwn(process.env, name) ? process.env[name] : undefined,
    ];
  });
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    TERM: process.env.TERM ?? "dumb",
    ...Object.fromEntries(asked),
  };
}

function parseVariable(given: string, name: string): string {
  if (!/^[^=]/.test(given)) throw expected("NAME=VALUE or NAME", given, name);
  return given;
}
