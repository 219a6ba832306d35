// Boots a Debian kernel with pure cgroup v2 in QEMU, without KVM, and runs a command there as root.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { debianKernel } from "./kernel.ts";

const KERNEL_OPTIONS =
  "console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off no_timer_check random.trust_cpu=on";

/**
 * Runs a shell script in the guest and returns its exit status; its output comes out here. The guest sees this
 * machine's files under their own paths, and what it writes stays in its memory. /run is its own.
 *
 * @param script text for sh
 * @param seconds after which the guest is stopped; the status is 125 then
 */
export async function runInVm(script: string, seconds: number): Promise<number> {
  const kernel = await debianKernel();
  const directory = mkdtempSync(join("/var/tmp", "vm-"));
  try {
    const file = join(directory, "command.sh");
    writeFileSync(file, script);
    return await boot(kernel, file, seconds);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function boot(kernel: string, file: string, seconds: number): Promise<number> {
  const share = (path: string, tag: string) =>
    `local,path=${path},mount_tag=${tag},security_model=none,readonly=on,multidevs=remap`;
  const options = [
    ["-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "qemu64", "-smp", "2", "-m", "2048"],
    ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio"],
    ["-kernel", join(kernel, "vmlinux"), "-initrd", join(kernel, "initrd.gz")],
    ["-append", `${KERNEL_OPTIONS} command=${file}`],
    ["-device", "virtio-rng-pci"],
    ["-virtfs", share("/", "host")],
    ["-virtfs", share(join(kernel, "modules"), "modules")],
  ];
  // The guest dies with this process, however that ends.
  const qemu = spawn("setpriv", ["--pdeathsig", "KILL", "qemu-system-x86_64", ...options.flat()], {
    stdio: ["ignore", "pipe", "inherit"],
  });

  return new Promise((resolve, reject) => {
    let status: number | undefined;
    const timer = setTimeout(() => qemu.kill("SIGKILL"), seconds * 1000);
    createInterface(qemu.stdout).on("line", (line) => {
      if (status !== undefined) return; // the kernel's last words
      const exit = /^vm: exit (\d+)/.exec(line);
      if (exit) status = Number(exit[1]);
      else process.stdout.write(`${line}\n`);
    });
    qemu.on("error", reject);
    qemu.on("close", () => {
      clearTimeout(timer);
      resolve(status ?? 125);
    });
  });
}
