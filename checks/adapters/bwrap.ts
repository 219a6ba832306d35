// bubblewrap: flatpak's sandbox. No bundle, no daemon: only flags.
import type { Program } from "../programs.ts";
import { KEPT } from "./capabilities.ts";
import { type BoxOptions, parse, type Volume } from "./options.ts";

export const bwrap: Program = {
  name: "bwrap",
  step: 4,
  start: (args) => flags(parse(args)),
  takesRoot: true,
  lacks: {
    "--domainname": "no such option",
    "--chroot": "only pivot_root",
    "--trace": "only strace",
    "usage errors": "its command line is another",
    "exit 126/127": "1 for both",
    "masked paths": "it mounts /proc whole, and leaves it to its caller what to cover",
    "unmasked /proc": "it makes parts of /proc read-only, always",
    "a new sysfs": "it can only bind the host's, with all that is mounted below",
    "keeps off the terminal": "its caller says --new-session, or brings a filter: CVE-2017-5226",
    "closed descriptors": "it hands on what it is given: flatpak passes files that way",
    "refuses directories": "it hands on what it is given",
    "forwards signals": "a signal ends bwrap, and the box with it",
  },
};

const flags = (options: BoxOptions) => [
  ...["bwrap", "--die-with-parent", "--unshare-uts", "--unshare-ipc", "--unshare-pid"],
  ...(options.init ? [] : ["--as-pid-1"]),
  ...["--hostname", options.hostname],
  ...[options.readOnly ? "--ro-bind" : "--bind", options.rootfs, "/"],
  ...["--proc", "/proc", "--dev", "/dev", "--mqueue", "/dev/mqueue"],
  ...(options.privileged
    ? ["--bind", "/sys", "/sys"]
    : [...["--ro-bind", "/sys", "/sys"], ...capabilities()]),
  ...options.volumes.flatMap(volume),
  ...["--clearenv", ...options.env.flatMap(variable)],
  ...["--chdir", "/", "--", ...options.command],
];

const capabilities = () => ["--cap-drop", "ALL", ...KEPT.flatMap((name) => ["--cap-add", name])];
const volume = ({ source, target, readOnly }: Volume) => [readOnly ? "--ro-bind" : "--bind", source, target];
const variable = (pair: string) => {
  const [name, ...value] = pair.split("=");
  return ["--setenv", name!, value.join("=")];
};
