// Step 4: --volume, a directory or file of the host's in the box, where it was asked for and nowhere else.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isUsageError, usageHint } from "./01-exec.ts";
import { newMounts } from "./03-pid.ts";
import { check, type Scene } from "./check.ts";
import type { Mount } from "./proc.ts";

/** A directory on the host to be a volume, with `file` in it. */
export const makeData = ({ dir }: Scene) => {
  mkdirSync(`${dir}/data/deep`, { recursive: true });
  writeFileSync(`${dir}/data/file`, "from the host\n");
};

const at =
  (target: string) =>
  ({ dir }: Scene) => ["--volume", `${dir}/data:${target}`];

const wrong = (title: string, value: string) =>
  check({
    since: 4,
    title: `--volume with ${title} is a usage error: one line, 125`,
    run: [],
    commandLine: ["run", "--volume", value, "true"],
    needs: ["usage errors"],
    holds: isUsageError,
    hint: usageHint(`--volume ${value}`),
  });

const newPoints = (before: Mount[], after: Mount[]) =>
  newMounts(before, after)
    .map(({ point }) => point)
    .join(" ");

export const checks = [
  check({
    since: 4,
    title: "--volume shows a directory of the host's, and what the box writes there stays",
    run: ["sh", "-c", "cat /data/file && echo from the box > /data/new"],
    options: at("/data"),
    before: makeData,
    after: ({ dir }) =>
      readdirSync(`${dir}/data`).includes("new") ? readFileSync(`${dir}/data/new`, "utf8") : "",
    holds: ({ stdout, after }) => stdout === "from the host\n" && after === "from the box\n",
    hint: ({ stdout, stderr, after }) =>
      stdout === "from the host\n"
        ? `The box read it, and its own file did not reach the host (${JSON.stringify(after)} ${stderr.trim()}).`
        : `/data/file could not be read in the box: ${stderr.trim()}. When is the host's directory still reachable, and when does the box's root exist?`,
  }),

  check({
    since: 4,
    title: "--volume makes the mount point, however deep, and takes a single file too",
    run: ["cat", "/etc/deep/er/settings"],
    options: ({ dir }) => ["--volume", `${dir}/data/file:/etc/deep/er/settings`],
    before: makeData,
    holds: ({ stdout }) => stdout === "from the host\n",
    hint: ({ stderr }) =>
      `It is not there: ${stderr.trim()}. A directory is mounted on a directory, a file on a file, and neither on nothing.`,
  }),

  check({
    since: 4,
    title: "--volume …:ro can be read and not written to",
    run: ["sh", "-c", "cat /data/file; echo x > /data/new && echo written"],
    options: ({ dir }) => ["--volume", `${dir}/data:/data:ro`],
    before: makeData,
    after: ({ dir }) => readdirSync(`${dir}/data`),
    holds: ({ stdout, after }) => stdout === "from the host\n" && !after.includes("new"),
    hint: ({ stdout, after }) =>
      after.includes("new")
        ? "The box wrote to it. mount(2) takes MS_RDONLY with MS_BIND and ignores it: when does it not?"
        : `Expected to read “from the host”, got ${JSON.stringify(stdout)}.`,
  }),

  check({
    since: 4,
    title: "…:ro holds for what is mounted below, too",
    needs: ["recursive :ro"],
    run: ["sh", "-c", "ls /data/deep; echo x > /data/deep/new && echo written"],
    options: ({ dir }) => ["--volume", `${dir}/data:/data:ro`],
    before: (scene) => {
      makeData(scene);
      scene.host.run("mount", "-t", "tmpfs", "none", `${scene.dir}/data/deep`);
      scene.host.run("touch", `${scene.dir}/data/deep/below`);
    },
    holds: ({ stdout }) => stdout === "below\n",
    hint: ({ stdout, stderr }) =>
      stdout.includes("written")
        ? "The host has a file system mounted inside the volume, and the box wrote to that. A remount changes one mount, not those below: mount_setattr(2)."
        : `The mount below the volume is not in the box: ${stderr.trim()}. See MS_REC in mount(2).`,
  }),

  check({
    since: 4,
    title: "two volumes, and --read-only beside them: a volume stays writable",
    run: ["sh", "-c", "cat /one/file /two/file && echo x > /one/new && echo written; mkdir /new"],
    options: ({ dir }) => ["--volume", `${dir}/data:/one`, "--volume", `${dir}/data:/two`, "--read-only"],
    before: (scene) => {
      makeData(scene);
      for (const name of ["one", "two"]) mkdirSync(`${scene.root}/${name}`);
    },
    after: ({ root }) => readdirSync(root).includes("new"),
    holds: ({ stdout, after }) => stdout === "from the host\nfrom the host\nwritten\n" && !after,
    hint: ({ stdout, stderr }) =>
      `Expected both files and “written”, got ${JSON.stringify(stdout)}: ${stderr.trim()}. --read-only is about the root, a mount of its own.`,
  }),

  check({
    since: 4,
    title: "a volume does not appear on the host where it appears in the box",
    run: ["cat", "/mnt/file"],
    options: at("/mnt"),
    before: (scene) => {
      makeData(scene);
      return scene.host.mounts();
    },
    after: ({ host }) => host.mounts(),
    holds: ({ stdout, before, after }) =>
      stdout === "from the host\n" && newMounts(before, after).length === 0,
    hint: ({ before, after }) =>
      `New on the host: ${newPoints(before, after) || "nothing, but the box could not read it"}.`,
  }),

  check({
    since: 4,
    title: "nor does one volume that is hung into another",
    run: ["cat", "/mnt/inner/file"],
    options: ({ dir }) => ["--volume", `${dir}/outer:/mnt`, "--volume", `${dir}/data:/mnt/inner`],
    before: (scene) => {
      makeData(scene);
      mkdirSync(`${scene.dir}/outer/inner`, { recursive: true });
      return scene.host.mounts();
    },
    after: ({ host }) => host.mounts(),
    holds: ({ stdout, before, after }) =>
      stdout === "from the host\n" && newMounts(before, after).length === 0,
    hint: ({ before, after, stdout }) =>
      newMounts(before, after).length > 0
        ? `Left on the host: ${newPoints(before, after)}. A copy of a shared mount is its peer: what is mounted in one is in the other as well. Were mounts private when the volume was taken?`
        : `The host is as it was, but the box read ${JSON.stringify(stdout)}.`,
  }),

  wrong("no target", "banana"),
  wrong("a source that does not exist", "/no/such/source:/data"),
  wrong("a target that is no absolute path", "/tmp:data"),
];
