// What the values of options mean: amounts and lists. A reader that cannot use what came says what it expected.
import { readFileSync } from "node:fs";
import { UsageError } from "./report.ts";

/** Reads the value of `--name`. @throws {UsageError} */
export type Reader<T> = (given: string, name: string) => T;

/** The error for a value that cannot be used. */
export const expected = (what: string, given: string, name: string): UsageError =>
  new UsageError(`--${name}: expected ${what}, got '${given}'`);

/** A whole number. */
export const whole =
  (least: number, most: number): Reader<number> =>
  (given, name) => {
    if (/^\d+$/.test(given) && Number(given) >= least && Number(given) <= most) return Number(given);
    throw expected(`a whole number from ${least} to ${most}`, given, name);
  };

/** A number, `0.5` or `2`. */
export const decimal =
  (least: number, most: number): Reader<number> =>
  (given, name) => {
    if (/^\d*\.?\d+$/.test(given) && Number(given) >= least && Number(given) <= most) return Number(given);
    throw expected(`a number from ${least} to ${most}`, given, name);
  };

/** An amount of bytes: a whole number and b, k, m or g, in either case, for powers of 1024. `64m` → 67108864 */
export const size =
  (least = 1): Reader<number> =>
  (given, name) => {
    const [, number, unit] = /^(\d+)([bkmg]?)$/i.exec(given) ?? [];
    const bytes = Number(number) * 1024 ** Math.max(0, "bkmg".indexOf(unit?.toLowerCase() || "b"));
    if (bytes >= least && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
    throw expected(`a whole number of bytes, k, m or g, at least ${formatSize(least)}`, given, name);
  };

/** 67108864 → `64 MiB` */
export function formatSize(bytes: number): string {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log2(bytes || 1) / 10)));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
}

/** CPUs that are there, as the kernel lists them: `0-2,4`. */
export function cpus(given: string, name: string): string {
  const online = readFileSync("/sys/devices/system/cpu/online", "latin1").trim();
  const has = ([first, last]: number[]) =>
    ranges(online).some(([from, to]) => from! <= first! && last! <= to!);
  const ordered = ([first, last]: number[]) => first! <= last!;
  if (/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(given) && ranges(given).every((each) => ordered(each) && has(each)))
    return given;
  throw expected(`CPUs of ${online}, as in 0 or 0-2,4`, given, name);
}

const ranges = (text: string): number[][] =>
  text.split(",").map((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return [first!, last!];
  });
