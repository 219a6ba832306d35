// A Debian kernel for the VM: its vmlinux, its modules, and an initrd that mounts the host's root.
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { $ } from "zx";

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "linux-containers-diy");

const init = join(import.meta.dirname, "init.sh");

/** Without KVM every step of the boot counts: these are all the modules it needs to reach the host's files. */
const bootModules = ["virtio_pci", "9p", "9pnet_virtio", "overlay"];

/** Directory with `vmlinux`, `initrd.gz` and `modules/`, made from Debian's package when it is not there yet. */
export async function debianKernel(): Promise<string> {
  const packageName = (await $`apt-cache depends linux-image-amd64`.text()).match(
    /linux-image-[\d.]+-\d+-amd64/,
  )?.[0];
  if (!packageName) throw new Error("apt knows no linux-image-amd64: apt-get update first");
  const directory = join(
    cache,
    `vm-${packageName}-${createHash("sha256").update(readFileSync(init)).digest("hex").slice(0, 8)}`,
  );
  if (existsSync(directory)) return directory;

  const making = `${directory}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  try {
    await unpack(packageName, making);
    await makeInitrd(making);
    renameSync(making, directory);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return directory;
}

async function unpack(packageName: string, directory: string): Promise<void> {
  const here = $({ cwd: directory });
  await here`apt-get download -qq ${packageName}`;
  await here`dpkg-deb -x ${readdirSync(directory).find((name) => name.endsWith(".deb"))!} package`;
  const version = packageName.replace("linux-image-", "");
  await here`depmod -b package ${version}`;
  await here`mv package/lib/modules modules`;
  writeFileSync(
    join(directory, "vmlinux.xz"),
    xzPart(readFileSync(join(directory, "package/boot", `vmlinuz-${version}`))),
  );
  await here`xz -dc --single-stream vmlinux.xz > vmlinux`;
  await here`rm -r package vmlinux.xz ${readdirSync(directory).filter((name) => name.endsWith(".deb"))}`;
}

/** A bzImage carries the real kernel compressed. QEMU starts that directly (PVH), in half the time. */
function xzPart(image: Buffer): Buffer {
  const start = image.indexOf(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]));
  if (start < 0) throw new Error("no xz data in the kernel image");
  return image.subarray(start);
}

async function makeInitrd(directory: string): Promise<void> {
  const root = join(directory, "initrd");
  for (const name of ["bin", "proc", "dev", "modules", "lower", "layer", "root"])
    mkdirSync(join(root, name), { recursive: true });
  cpSync("/bin/busybox", join(root, "bin/busybox"));
  await $`ln -s busybox ${join(root, "bin/sh")}`;
  cpSync(init, join(root, "init"));
  chmodSync(join(root, "init"), 0o755);
  for (const [i, path] of (await moduleFiles(directory)).entries()) {
    const order = String(i).padStart(2, "0");
    cpSync(path, join(root, "modules", `${order}-${path.split("/").at(-1)}`));
  }
  await $({ cwd: root })`find . | cpio -o -H newc --quiet | gzip -1 > ../initrd.gz`;
  await $`rm -r ${root}`;
}

/** The files of the boot modules and of what they depend on, in the order to load them. */
async function moduleFiles(directory: string): Promise<string[]> {
  const version = readdirSync(join(directory, "modules"))[0]!;
  const lines = readFileSync(join(directory, "modules", version, "modules.dep"), "utf8").split("\n");
  const wanted = bootModules.flatMap((name) => {
    const line = lines.find((each) => each.split(":")[0]!.endsWith(`/${name}.ko`));
    if (!line) throw new Error(`the kernel has no module ${name}`);
    const [self, ...needs] = line.split(/:? /).filter(Boolean);
    return [...needs.reverse(), self!.replace(/:$/, "")];
  });
  return [...new Set(wanted)].map((path) => join(directory, "modules", version, path));
}
