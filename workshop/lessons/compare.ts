// Whether a terminal shows what a lesson says.

/** What differs from run to run and machine to machine, and means nothing: pattern, and what stands for it. */
const NORMALISED: [what: RegExp, by: string][] = [
  [/\b[0-9a-f]{12}\b/g, "ID"], // a box's default host name
  [/\[4026\d{6}\]/g, "[INODE]"], // a namespace, in /proc/PID/ns
  [/\b\d+(\.\d+)?(?= ?(ms|s|seconds?|mounts|processes|[KMG]i?B(\/s)?)\b)/g, "N"], // times, sizes, rates, counts
  [/\b\d\d:\d\d(:\d\d)?\b/g, "TIME"],
  [/\s+/g, " "], // columns move with the widest entry
];

const normalise = (line: string): string =>
  NORMALISED.reduce((text, [what, by]) => text.replace(what, by), line).trim();

/**
 * The number of the first expected line that is not as seen; undefined if all are. In what is expected `…` stands for
 * anything: alone on a line for any lines, none too.
 */
export function firstDifference(expected: string[], seen: string[]): number | undefined {
  const patterns = expected.map(normalise);
  const lines = seen.map(normalise);
  const tried = new Set<string>(); // in vain: else many `…` and many lines would take for ever
  let furthest = 0;
  const matches = (i: number, j: number): boolean => {
    furthest = Math.max(furthest, i);
    if (tried.size === tried.add(`${i} ${j}`).size) return false;
    if (i === patterns.length) return j === lines.length;
    if (patterns[i] === "…") return matches(i + 1, j) || (j < lines.length && matches(i, j + 1));
    return j < lines.length && toPattern(patterns[i]!).test(lines[j]!) && matches(i + 1, j + 1);
  };
  return matches(0, 0) ? undefined : furthest;
}

/** Whether the expected lines have appeared, whatever comes after them. */
export const hasAppeared = (expected: string[], seen: string[]): boolean =>
  firstDifference([...expected, "…"], seen) === undefined;

const toPattern = (line: string): RegExp => new RegExp(`^${line.split("…").map(escaped).join(".*")}$`);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
