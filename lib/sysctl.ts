// Settings of the kernel's network, those of the network namespace we are in: sysctl(8) without net and with slashes.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const file = (key: string): string => join("/proc/sys/net", key);

/** undefined where the kernel does not have it */
export const sysctl = (key: string): string | undefined =>
  existsSync(file(key)) ? readFileSync(file(key), "latin1").trim() : undefined;

/** Sets it, if it is not so already. @throws {SystemError} where the kernel does not have it */
export function setSysctl(key: string, value: string): void {
  if (sysctl(key) !== value) writeFileSync(file(key), value);
}

/** The settings that a pattern with one `*` stands for: in ipv4/conf, of each interface. */
export function sysctls(pattern: string): string[] {
  const [start = "", end = ""] = pattern.split("*");
  if (!existsSync(file(start))) return [];
  return readdirSync(file(start)).map((name) => start + name + end);
}

/** Writes what `keys` are set to into the file at `path`. */
export function saveSysctls(path: string, keys: string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(keys.map((key) => [key, sysctl(key)])));
}

/** Sets all back, in the order they were saved, and removes the file. */
export function restoreSysctls(path: string): void {
  if (!existsSync(path)) return;
  const saved: [string, string | undefined][] = JSON.parse(readFileSync(path, "utf8"));
  for (const [key, value] of saved)
    if (value !== undefined && sysctl(key) !== undefined) setSysctl(key, value);
  rmSync(path);
}
