// Step 4: images made by someone who means harm. Whoever follows a link in one, with the host's root as "/", is lost.
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { newMounts } from "./03-pid.ts";
import { makeData } from "./04-mnt-volumes.ts";
import { check, type Ending, type Scene } from "./check.ts";

/** To run the image in spite of its link is sound, and so is to refuse it and say so. */
const ranOrRefused = ({ stdout, stderr }: Ending, output: string) => stdout === output || stderr !== "";

const makeOutside = ({ dir }: Scene) => mkdirSync(`${dir}/outside`);
const listOutside = ({ dir }: Scene) => readdirSync(`${dir}/outside`);

const leadsOut = (name: string, target: (scene: Scene) => string, how: string) =>
  check({
    since: 4,
    title: `an image whose /${name} is ${how} link to the host changes nothing there`,
    run: ["echo", "ran"],
    needs: [`an image with /${name} as a link`],
    before: (scene) => {
      makeOutside(scene);
      rmSync(`${scene.root}/${name}`, { recursive: true });
      symlinkSync(target(scene), `${scene.root}/${name}`);
      return scene.host.mounts();
    },
    after: (scene) => ({ made: listOutside(scene), mounts: scene.host.mounts() }),
    holds: ({ before, after, ...ending }) =>
      after.made.length === 0 &&
      newMounts(before, after.mounts).length === 0 &&
      ranOrRefused(ending, "ran\n"),
    hint: ({ before, after }) =>
      after.made.length + newMounts(before, after.mounts).length > 0
        ? `Setting up the box made on the host: ${after.made.join(" ") || "a mount"}. The image's author chose where /${name} leads, and the program followed while its root was still the host's.`
        : "The host is as it was, but the box neither ran nor was refused with a word on stderr.",
  });

export const checks = [
  ...["proc", "sys", "dev", "etc", "tmp"].map((name) =>
    leadsOut(name, ({ dir }) => `${dir}/outside`, "an absolute"),
  ),
  leadsOut("dev", () => "../host/outside", "a relative"),

  check({
    since: 4,
    title:
      "an image whose /proc leads to another place through its own /dev gets no /proc that can be written to",
    run: ["sh", "-c", "cat /mnt/sys/kernel/domainname >/mnt/sys/kernel/domainname; echo ran"],
    needs: ["an image with /proc as a link", "masked paths"],
    before: ({ root }) => {
      rmSync(`${root}/proc`, { recursive: true });
      symlinkSync("dev/link", `${root}/proc`);
      symlinkSync("../mnt", `${root}/dev/link`);
    },
    holds: ({ stderr }) => stderr !== "",
    hint: () =>
      "Nobody complained: the box wrote to /mnt/sys, where its /proc was mounted, and what covers /proc afterwards found nothing there. A mount follows links, and the image's author made these. How can a program see that a path is a directory and no link?",
  }),

  check({
    since: 4,
    title: "a volume onto a link of the image's lands in the image, not where the link leads on the host",
    run: ["cat", "/data/inner/file"],
    options: ({ dir }) => ["--volume", `${dir}/data:/data/inner`],
    before: (scene) => {
      makeData(scene);
      makeOutside(scene);
      symlinkSync(`${scene.dir}/outside`, `${scene.root}/data`);
    },
    after: listOutside,
    holds: ({ after, ...ending }) => after.length === 0 && ranOrRefused(ending, "from the host\n"),
    hint: ({ after, dir, stdout }) =>
      after.length > 0
        ? `The image's /data is a link to ${dir}/outside, and there, on the host, is now: ${after.join(" ")}. Whose root was “/” when the mount point was made?`
        : `The host is as it was, but the volume is not in the box: ${JSON.stringify(stdout)}.`,
  }),

  check({
    since: 4,
    title: "a volume onto a link to /etc covers the box's /etc, not the host's",
    run: ["cat", "/etc/file"],
    options: ({ dir }) => ["--volume", `${dir}/data:/settings`],
    before: (scene) => {
      makeData(scene);
      symlinkSync("/etc", `${scene.root}/settings`);
    },
    after: ({ host }) => host.run("sh", "-c", "ls /etc | grep -cx file || true"),
    holds: ({ after, ...ending }) => after === "0" && ranOrRefused(ending, "from the host\n"),
    hint: ({ stdout, after }) =>
      after === "0"
        ? `“cat /etc/file” wrote ${JSON.stringify(stdout)}, and no word on stderr. To follow the link in the box's root is sound, and so is to refuse it.`
        : "The volume lies on the host's /etc.",
  }),
];
