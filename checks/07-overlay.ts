// Step 7: a root that is shared and stays as it is. What a box writes goes to a layer of its own.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { lgetxattr, lsetxattr, perform } from "../native/index.ts";
import { killLauncher } from "./01-signals.ts";
import { check, lives, type Scene, stays } from "./check.ts";
import { mounts } from "./proc.ts";

const HASH = "tar -c --sort=name --numeric-owner --pax-option=delete=atime,delete=ctime -C $0 . | sha256sum";

/** A tree as one number: names, owners, modes, times, data. */
const fingerprint = ({ host, root }: Scene) => host.run("sh", "-c", HASH, root);

/** What is in the program's store, but for locks. */
export const stored = ({ host, store }: Scene) =>
  existsSync(store)
    ? host.run("find", store, "-mindepth", "1", "-not", "-name", "lock", "-printf", "%P\n").split("\n").sort()
    : [];

const NOTE = "user.note";
const setNote = (path: string) => attempt(() => perform(lsetxattr(Buffer.from(path), NOTE, "kept")));
/** The length of the note, an extended attribute; undefined where there is none, or the file system takes none. */
const noteOf = (path: string) => attempt(() => perform(lgetxattr(Buffer.from(path), NOTE)));

const attempt = <T>(action: () => T) => {
  try {
    return action();
  } catch {
    return undefined;
  }
};

const fresh = (before: string[], after: string[]) => after.filter((path) => !before.includes(path));

export const checks = [
  check({
    since: 7,
    title: "/ is an overlay",
    run: lives(),
    during: ({ box }) => mounts(box).filter(({ point }) => point === "/"),
    holds: ({ during }) => during.at(-1)?.type === "overlay",
    hint: ({ during }) =>
      `Mounted on /: ${during.map(({ type, root }) => `${type} (${root})`).join(", ") || "nothing"}. A copy would do as well, and take as long as copying takes: the kernel can join directories.`,
  }),

  check({
    since: 7,
    title: "rm -rf / in the box leaves the root file system as it is",
    run: ["sh", "-c", "rm -rf /bin/ls /etc /usr /var; mkdir /new; echo $?"],
    before: fingerprint,
    after: fingerprint,
    holds: ({ before, after, stdout }) => before === after && stdout === "0\n",
    hint: ({ before, after, stdout, host, root }) =>
      before === after
        ? `It is as it was, but the box could not write: ${JSON.stringify(stdout)}.`
        : `The directory has changed; in it are now: ${host.run("ls", root).split("\n").join(" ")}. In which directory did the box's writes arrive?`,
  }),

  check({
    since: 7,
    title: "/ has the mode that it has in the root file system",
    before: ({ root }) => chmodSync(root, 0o751),
    run: ["ls", "-ld", "/"],
    holds: ({ stdout }) => stdout.startsWith("drwxr-x--x "),
    hint: ({ stdout }) =>
      `There it is drwxr-x--x; in the box “ls -ld /” says ${JSON.stringify(stdout)}. What the box sees of a merged directory is the uppermost one: who made that?`,
  }),

  check({
    since: 7,
    title: "what a box wrote is gone in the next one",
    run: ["sh", "-c", "echo spoiled > /etc/mark; echo new > /etc/new"],
    after: ({ another }) => another([], ["sh", "-c", "cat /etc/mark; ls /etc/new"]),
    holds: ({ after, mark }) => after.stdout === mark,
    hint: ({ after, mark }) =>
      `The next box reads ${JSON.stringify(after.stdout)}, the root file system says ${mark}. Does each box have an upper of its own, and an empty one?`,
  }),

  check({
    since: 7,
    title: "two boxes on one root at the same time do not see each other",
    run: lives("echo first > /who"),
    during: async ({ box, another }) => {
      const { stdout } = await another([], ["sh", "-c", "ls /who 2>/dev/null; echo second > /who; cat /who"]);
      return { second: stdout, first: readFileSync(`/proc/${box}/root/who`, "utf8") };
    },
    holds: ({ during }) => during.second === "second\n" && during.first === "first\n",
    hint: ({ during }) =>
      `The first wrote “first” to /who and finds ${JSON.stringify(during.first)}; the second found and wrote ${JSON.stringify(during.second)}. Two overlays on one upper are undefined: mount(8) does not refuse.`,
  }),

  check({
    since: 7,
    title: "a file that is written to keeps its owner, mode, links and attributes",
    run: lives("echo more >> /etc/shared; cat /etc/link; stat -c '%a %u %h' /etc/shared"),
    before: ({ root, host }) => {
      writeFileSync(`${root}/etc/shared`, "old\n");
      host.run("chmod", "640", `${root}/etc/shared`);
      host.run("chown", "7:7", `${root}/etc/shared`);
      host.run("ln", "-s", "shared", `${root}/etc/link`);
      setNote(`${root}/etc/shared`);
      return noteOf(`${root}/etc/shared`);
    },
    during: ({ box }) => noteOf(`/proc/${box}/root/etc/shared`),
    holds: ({ before, during, stdout }) => stdout === "old\nmore\n640 7 1\nready\n" && during === before,
    hint: ({ before, during, stdout }) =>
      `Expected both lines, 640, 7 and 1, and an attribute of ${before} bytes; the box says ${JSON.stringify(stdout)}, and of the attribute are left ${during}. Who copies a file up, the kernel or a program?`,
  }),

  check({
    since: 7,
    title: "--name: what the box wrote and deleted is so in the next box of that name",
    run: ["sh", "-c", "echo kept > /kept; rm /etc/group; rm -r /srv; mkdir /srv; echo new > /srv/new"],
    options: ["--name", "web"],
    before: ({ root }) => {
      mkdirSync(`${root}/srv`);
      writeFileSync(`${root}/srv/old`, "old");
    },
    after: async ({ another }) => ({
      same: await another(["--name", "web"], ["sh", "-c", "cat /kept; ls /etc/group /srv 2>/dev/null"]),
      other: await another(["--name", "other"], ["sh", "-c", "ls /kept /etc/group /srv 2>/dev/null"]),
    }),
    holds: ({ after }) =>
      after.same.stdout === "kept\n/srv:\nnew\n" && after.other.stdout === "/etc/group\n\n/srv:\nold\n",
    hint: ({ after }) =>
      after.same.stdout === "/etc/group\n\n/srv:\nold\n"
        ? "The next box of that name sees nothing of what this one did. Where was it written, and what becomes of that place when a box ends that has a name?"
        : `The next box of that name sees ${JSON.stringify(after.same.stdout)}; kept should be there, /etc/group not, and in /srv new alone. One of another name sees ${JSON.stringify(after.other.stdout)}. A deleted file is something to write down, too: where?`,
  }),

  check({
    since: 7,
    title: "when a box has ended, nothing of it is left in the store",
    run: ["sh", "-c", "echo x > /x"],
    needs: ["clears its store"],
    before: async (scene) => {
      await scene.another([], ["true"]); // what is made once and for all may stay
      return stored(scene);
    },
    after: stored,
    holds: ({ before, after, status }) => status === 0 && fresh(before, after).length === 0,
    hint: ({ before, after, status }) =>
      `The run ended with ${status}. New in the store: ${fresh(before, after).slice(0, 5).join(", ")}. A box without a name leaves nothing that anyone could ask for.`,
  }),

  check({
    since: 7,
    title: "what kill -9 of the program leaves there, the next run removes",
    run: (scene) => stays(scene),
    needs: ["clears its store", "ends with its launcher"],
    before: async (scene) => {
      await scene.another([], ["true"]);
      return stored(scene);
    },
    during: killLauncher,
    after: async (scene) => {
      await scene.another([], ["true"]);
      return stored(scene);
    },
    holds: ({ before, after }) => fresh(before, after).length === 0,
    hint: ({ before, after }) =>
      `After the next run there still is: ${fresh(before, after).slice(0, 5).join(", ")}. What a killed program leaves of a box may be gigabytes. How does the next one know that nobody writes there any more?`,
  }),
];
