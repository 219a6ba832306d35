// podman: docker's command line, without a daemon. It brings what a runtime leaves to others: networks, images, layers.
import type { Program } from "../programs.ts";
import { type BoxOptions, parse, type Volume } from "./options.ts";
import { OCI_LACKS } from "./runc.ts";

// What it keeps goes to the check's store, and on what it would keep in /var and /run lies a directory from there.
const AT_HOME = `
  if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
  for place in /var/lib/cni /run/netns /run/containers /run/libpod /run/crun; do
    mkdir -p "$BOX_STORE$place" "$place" && mount --bind "$BOX_STORE$place" "$place"
  done
  export CONTAINERS_STORAGE_CONF="$BOX_STORE/storage.conf" CONTAINERS_CONF="$BOX_STORE/containers.conf"
  printf '%s\\n' '[storage]' 'driver = "overlay"' \\
    "graphroot = \\"$BOX_STORE/graph\\"" "runroot = \\"$BOX_STORE/runroot\\"" >"$CONTAINERS_STORAGE_CONF"
  printf '%s\\n' '[containers]' 'default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]' 'log_driver = "none"' \\
    '[network]' "network_config_dir = \\"$BOX_STORE/networks\\"" \\
    '[engine]' 'cgroup_manager = "cgroupfs"' 'events_logger = "none"' 'runtime = "crun"' \\
    "tmp_dir = \\"$BOX_STORE/tmp\\"" >"$CONTAINERS_CONF"
  cd "$BOX_STORE" # conmon leaves a file where it is when memory runs out
  exec "$@"`;

const atHome = (words: string[]) => ["unshare", "--mount", "sh", "-c", AT_HOME, "sh", ...words];

const COMMIT = `
  image=$1; shift
  podman run --name new "$@"; status=$?
  podman commit --quiet new "$image" >/dev/null && podman rm new >/dev/null && exit $status`;

export const podman: Program = {
  name: "podman",
  step: 7,
  since: 5, // what comes before is crun's work, and crun is asked
  start: (args) => {
    const options = parse(args, "bridge");
    const words = flags(options);
    return options.commit
      ? atHome(["sh", "-c", COMMIT, "sh", options.commit, ...words])
      : atHome(["podman", "run", "--rm", ...words]);
  },
  makeImage: (name, directory) =>
    atHome(["sh", "-c", 'tar -C "$0" -cf - . | podman import --quiet - "$1"', directory, name]),
  takesRoot: true,
  lacks: {
    ...OCI_LACKS,
    "--domainname": "no such option",
    "hands on its terminal": "it gives the box a terminal of its own",
    "an image with /dev as a link": "older versions of crun follow it",
    "clears its store": "it keeps a database",
    "--name": "its boxes are started again, with the command they had",
    bandwidth: "a plugin's matter",
    "recursive :ro": "its :ro is for one mount",
    "removes its groups": "it keeps a group above those of all its boxes",
    "clears the network away": "it keeps bridge and rules for the next box",
  },
};

const flags = (options: BoxOptions) => [
  ...["--cap-drop", "MKNOD", "--cgroupns", "private"], // as the steps have it, and newer versions
  ...["--interactive", "--hostname", options.hostname, "--network", network(options.network)],
  ...(options.readOnly ? ["--read-only"] : []),
  ...(options.privileged ? ["--privileged"] : []),
  ...options.volumes.flatMap((each) => ["--volume", volume(each)]),
  ...options.env.flatMap((each) => ["--env", each]),
  ...options.asDocker,
  ...(options.image ? [options.image] : ["--rootfs", `${options.rootfs}:O`]),
  ...options.command,
];

const network = (kind: string) => kind.replace(/^container:(\d+)$/, "ns:/proc/$1/ns/net");
const volume = ({ source, target, readOnly }: Volume) => `${source}:${target}${readOnly ? ":ro" : ""}`;
