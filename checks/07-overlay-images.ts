// Step 7: images. Layers that are only read, and the newest on top.
import { isUsageError, usageHint } from "./01-exec.ts";
import { stored } from "./07-overlay.ts";
import { check, type Scene } from "./check.ts";

const IMAGE = ["--image", "base"];
const makeBase = ({ makeImage, root }: Scene) => makeImage("base", root);
const RM_ALL = "rm -rf /etc /usr /var; echo x > /new; echo $?";

const unknown = (option: string, value: string, more: string[] = []) =>
  check<string[], unknown, string[]>({
    since: 7,
    title: `${option} ${value}: one line, 125, nothing left`,
    run: [],
    commandLine: ["run", ...more, option, value, "true"],
    needs: ["usage errors"],
    before: (scene) => {
      makeBase(scene);
      return stored(scene);
    },
    after: stored,
    holds: (seen) =>
      isUsageError(seen) && seen.stderr.includes(value) && seen.before.join() === seen.after.join(),
    hint: (seen) =>
      isUsageError(seen) && seen.stderr.includes(value)
        ? `The answer is right, but the store is not what it was: ${seen.after.filter((path) => !seen.before.includes(path)).join(", ")}. A name becomes a path: look at it first.`
        : usageHint(`${option} ${value}, named in the message,`)(seen),
  });

export const checks = [
  check({
    since: 7,
    title: "--image: / is what the image was made of",
    run: ["cat", "/etc/mark"],
    options: IMAGE,
    before: makeBase,
    holds: ({ stdout, mark }) => stdout === mark,
    hint: ({ stdout, stderr, mark }) =>
      `/etc/mark in the image reads ${mark}, in the box ${JSON.stringify(stdout || stderr.trim())}.`,
  }),

  check({
    since: 7,
    title: "an image is what it was after rm -rf / in a box",
    run: ["sh", "-c", RM_ALL],
    options: IMAGE,
    before: makeBase,
    after: ({ another }) => another(IMAGE, ["sh", "-c", "cat /etc/mark; ls -d /var /new"]),
    holds: ({ after, mark, stdout }) => stdout === "0\n" && after.stdout === `${mark}/var\n`,
    hint: ({ after, stdout }) =>
      `The first box could delete (${stdout.trim()}); the next one on the same image sees ${JSON.stringify(after.stdout)} ${after.stderr.trim()}. Which of the directories is upperdir, and whose is it?`,
  }),

  check({
    since: 7,
    title: "--commit makes an image of what the box wrote: changed, new, deleted and linked",
    run: [
      "sh",
      "-c",
      "echo one > /data; ln /data /other; rm /etc/group; rm -r /srv; mkdir /srv; echo > /srv/new",
    ],
    options: [...IMAGE, "--commit", "app"],
    before: (scene) => {
      scene.host.run("sh", "-c", `mkdir ${scene.root}/srv; echo > ${scene.root}/srv/old`);
      makeBase(scene);
    },
    after: ({ another }) =>
      another(
        ["--image", "app"],
        [
          "sh",
          "-c",
          "cat /etc/mark; echo; cat /data /other; stat -c %h /data; ls /etc/group /srv 2>/dev/null",
        ],
      ),
    holds: ({ after, mark, status }) => status === 0 && after.stdout === `${mark}\none\none\n2\n/srv:\nnew\n`,
    hint: ({ after, mark, status, stderr }) =>
      status === 0
        ? `A box on the new image says ${JSON.stringify(after.stdout)} ${after.stderr.trim()}. Expected: ${mark}, one file under two names, no /etc/group, and in /srv new alone. What marks a deleted file, and a directory that hides the one below?`
        : `The run with --commit ended with ${status}: ${stderr.trim()}`,
  }),

  check({
    since: 7,
    title: "of two layers the later wins: a file changed again, and one that is deleted and back",
    run: ["sh", "-c", "echo 1 > /file; echo 1 > /gone; rm /etc/group"],
    options: [...IMAGE, "--commit", "one"],
    before: makeBase,
    after: async ({ another }) => {
      const second = "echo 2 > /file; rm /gone; echo back > /etc/group";
      await another(["--image", "one", "--commit", "two"], ["sh", "-c", second]);
      const look = ["sh", "-c", "cat /file /etc/group; ls /gone 2>/dev/null"];
      return { one: await another(["--image", "one"], look), two: await another(["--image", "two"], look) };
    },
    holds: ({ after }) => after.two.stdout === "2\nback\n" && after.one.stdout === "1\n/gone\n",
    hint: ({ after }) =>
      `On both layers a box sees ${JSON.stringify(after.two.stdout)}, on the first alone ${JSON.stringify(after.one.stdout)}. In lowerdir, which end is the top?`,
  }),

  unknown("--image", "nope"),
  unknown("--image", "../base"),
  unknown("--image", "a/b"),
  unknown("--name", "..", IMAGE),
  unknown("--commit", "a/b", IMAGE),
  unknown("--storage", "tape", IMAGE),
];
