// The smallest root file system that can be worked in: one static busybox and the usual directories.
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";

const BUSYBOX = ["/bin/busybox", "/usr/bin/busybox"];
const DIRECTORIES = ["bin", "dev", "etc", "mnt", "proc", "root", "run", "sys", "tmp", "usr", "var"];

// Those the checks need: three hundred links for each of some hundred roots take longer than the checks.
const APPLETS = (
  "cat chmod cp cut df dd echo env false find grep head hostname id ip kill ln ls mkdir mknod mount mountpoint mv " +
  "nc ping printf ps pwd readlink rm rmdir sed setsid sh sleep sort stat stty tail touch true tty umount uname unshare wc yes"
).split(" ");

/** Makes a root file system in `root`, with `mark` in /etc/mark to tell it from any other. */
export const makeRoot = (root: string, mark: string) => {
  const busybox = BUSYBOX.find((path) => existsSync(path));
  if (!busybox) throw new Error("The checks need a static busybox: apt-get install busybox-static");
  for (const name of DIRECTORIES) mkdirSync(`${root}/${name}`, { recursive: true });
  chmodSync(`${root}/tmp`, 0o1777);
  copyFileSync(busybox, `${root}/bin/busybox`);
  for (const name of APPLETS) symlinkSync("busybox", `${root}/bin/${name}`);
  for (const name of ["sbin", "lib"]) symlinkSync("bin", `${root}/${name}`);
  symlinkSync("../bin", `${root}/usr/bin`);
  writeFileSync(`${root}/etc/mark`, mark);
  writeFileSync(`${root}/etc/passwd`, "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(`${root}/etc/group`, "root:x:0:\n");
};
