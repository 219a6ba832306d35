// What keeps the repository readable, as numbers: sizes, who imports whom, what a step consists of.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAst } from "vitest/node";

const repository = dirname(import.meta.dirname);

const LONGEST = { file: 150, story: 100, function: 40, medianFunction: 10, difference: 40, equal: 7 };

/** Files that may be longer, and why. */
const longer: Record<string, string> = {};

interface Source {
  path: string;
  text: string;
  lines: string[];
  nodes: Node[];
  /** Paths of the repository's files it imports or exports from, or names of packages. */
  imports: string[];
}

type Node = { type: string; start: number; end: number; source?: Node | null; value?: unknown };

const typescriptIn = (...folders: string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
      .filter(
        (path) =>
          path.endsWith(".ts") && !/\.test\.ts$|(^|\/)(testing\.ts$|build\/|node_modules\/)/.test(path),
      )
      .map((path) => join(folder, path)),
  );

function read(path: string): Source {
  const text = readFileSync(join(repository, path), "utf8");
  const nodes = descendants(parseAst(text, { lang: "ts" }) as unknown as Node);
  const imports = nodes.flatMap(({ source }) => (typeof source?.value === "string" ? [source.value] : []));
  const resolved = imports.map((name) => (name.startsWith(".") ? join(dirname(path), name) : name));
  return { path, text, lines: text.trimEnd().split("\n"), nodes, imports: resolved };
}

function descendants(node: Node): Node[] {
  const parts = Object.values(node).flat() as (Node | undefined)[];
  return [
    node,
    ...parts.filter((part) => typeof part?.type === "string").flatMap((part) => descendants(part!)),
  ];
}

const taught = typescriptIn("steps", "native", "lib").map(read);
const all = [...taught, ...typescriptIn("checks", "workshop").map(read)];
const steps = readdirSync(join(repository, "steps")).sort();
const stepOf = (path: string): number => Number(/^steps\/(\d\d)-/.exec(path)?.[1] ?? 0);
const isStory = ({ path }: Source): boolean => basename(path) === "main.ts";
const isAttempt = ({ path }: Source): boolean => basename(path).startsWith("attempt-");

/** `path: what is wrong` for each source of which `wrong` finds something. */
const faults = (sources: Source[], wrong: (source: Source) => unknown[]): string[] =>
  sources.flatMap((source) => wrong(source).map((what) => `${source.path}: ${what}`));

const linesOf = ({ text }: Source, { start, end }: Node): number => text.slice(start, end).split("\n").length;
const functions = ({ nodes }: Source): Node[] =>
  nodes.filter(({ type }) => /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type));

describe("sizes", () => {
  test("a file holds one idea", () => {
    const limit = (source: Source) => (isStory(source) ? LONGEST.story : LONGEST.file);
    const long = taught.filter((source) => source.lines.length > limit(source));
    expect
      .soft(
        long
          .map(({ path, lines }) => `${path} ${lines.length}`)
          .filter((each) => !longer[each.split(" ")[0]!]),
      )
      .toEqual([]);
    expect.soft(Object.keys(longer).filter((path) => !long.some((each) => each.path === path))).toEqual([]);
  });

  test("a function fits in a glance", () => {
    const long = faults(taught, (source) =>
      functions(source)
        .map((node) => linesOf(source, node))
        .filter((lines) => lines > LONGEST.function),
    );
    expect(long).toEqual([]);
    const lengths = taught.flatMap((source) => functions(source).map((node) => linesOf(source, node)));
    expect(lengths.sort((a, b) => a - b)[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(
      LONGEST.medianFunction,
    );
  });

  test("a story is the one before and a little more", () => {
    const stories = taught.filter(isStory).sort((a, b) => a.path.localeCompare(b.path));
    const differences = stories
      .slice(1)
      .map((story, i) => `${story.path} ${changedLines(stories[i]!.lines, story.lines)}`);
    expect(differences.filter((each) => Number(each.split(" ")[1]) > LONGEST.difference)).toEqual([]);
  });

  test("nothing is written twice", () => {
    const modules = all.filter((source) => !isStory(source) && !isAttempt(source));
    const seen = new Map<string, string>();
    const twice = faults(modules, ({ path, text }) => {
      const lines = withoutImports(text)
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line.length > 2);
      const blocks = lines
        .slice(LONGEST.equal)
        .map((_, i) => lines.slice(i, i + LONGEST.equal + 1).join("\n"));
      const found = blocks.find((block) => (seen.get(block) ?? path) !== path);
      for (const block of blocks) seen.set(block, path);
      return found ? [found] : [];
    });
    expect(twice).toEqual([]);
  });
});

const withoutImports = (text: string): string => text.replace(/^import [^;]*;$/gm, "");

/** Lines that diff(1) would mark as gone or new: those in no longest common subsequence. */
function changedLines(a: string[], b: string[]): number {
  let row = Array(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (const [j, other] of b.entries())
      next.push(line === other ? row[j] + 1 : Math.max(row[j + 1], next[j]!));
    row = next;
  }
  return a.length + b.length - 2 * row[b.length];
}

describe("imports", () => {
  test("a step never imports from a later one, and the library from none", () => {
    const from = taught.filter(({ path }) => !path.startsWith("native/"));
    expect
      .soft(faults(from, ({ path, imports }) => imports.filter((each) => stepOf(each) > stepOf(path))))
      .toEqual([]);
    const native = taught.filter(({ path }) => path.startsWith("native/"));
    expect
      .soft(faults(native, ({ imports }) => imports.filter((each) => /^(steps|lib)\//.test(each))))
      .toEqual([]);
  });

  test("the addon has one loader and one face", () => {
    const loads = (text: string) => (/node-gyp-build|\.node["'`]/.test(text) ? ["loads an addon"] : []);
    expect
      .soft(
        faults(
          taught.filter(({ path }) => path !== "native/addon.ts"),
          ({ text }) => loads(text),
        ),
      )
      .toEqual([]);
    const outside = all.filter(({ path }) => !path.startsWith("native/"));
    const deep = (each: string) => each.startsWith("native/") && each !== "native/index.ts";
    expect.soft(faults(outside, ({ imports }) => imports.filter(deep))).toEqual([]);
  });

  test("steps and library use no file system calls of libuv's threads", () => {
    const sources = taught.filter(({ path }) => !path.startsWith("native/"));
    expect
      .soft(faults(sources, ({ imports }) => imports.filter((each) => /fs\/promises$/.test(each))))
      .toEqual([]);
  });

  test("exports have names, and only native/index.ts hands on what is others'", () => {
    const count = ({ nodes }: Source, type: RegExp) => nodes.filter((node) => type.test(node.type));
    expect.soft(faults(all, (source) => count(source, /^ExportDefault/).map(({ type }) => type))).toEqual([]);
    const face = (source: Source) =>
      source.nodes[0] &&
      bodyOf(source).every(
        ({ type, source: from }) => /^(Import|Export)/.test(type) && (from || type === "ImportDeclaration"),
      );
    expect.soft(all.filter(face).map(({ path }) => path)).toEqual([]);
  });
});

const bodyOf = ({ nodes }: Source): Node[] => (nodes[0] as Node & { body: Node[] }).body;

describe.each(steps)("step %s", (step) => {
  const sources = taught.filter(({ path }) => path.startsWith(`steps/${step}/`));
  const modules = sources.filter((source) => !isStory(source) && !isAttempt(source));

  test("is a story and one new module; a second and a third say why", () => {
    expect(sources.filter(isStory)).toHaveLength(1);
    expect(modules.length).toBeGreaterThan(0);
    const reasons = modules.filter(({ lines }) => /^\/\/ A (second|third) module, because /.test(lines[0]!));
    expect(modules.length - reasons.length).toBe(1);
    expect(reasons.length).toBeLessThanOrEqual(2);
  });

  test("says in its first lines what it is", () => {
    const [title, ...header] = sources.find(isStory)!.lines.slice(0, 6);
    expect(title).toMatch(new RegExp(`^// Step ${Number(step.slice(0, 2))}: .*\\.$`));
    expect(header.map((line) => /^\/\/ {3}(\w+) +\S/.exec(line)?.[1])).toEqual([
      "new",
      "try",
      "see",
      "lacks",
      "man",
    ]);
  });
});
