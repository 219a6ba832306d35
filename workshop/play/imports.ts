// Import lines, moved to another directory and put together.
import { dirname, join, relative } from "node:path";

const IMPORT = /^import (?<type>type )?\{(?<names>[^}]*)\} from "(?<from>[^"]+)";\n/gm;
const WIDTH = 110;

/** `text` of the file `path`, to stand in `directory`, where the files of `own` are: others are found where they were. */
export function moved(text: string, path: string, directory: string, own: string[] = []): string {
  return text.replace(/ from "(\.[^"]+)"/g, (_, from: string) => {
    const target = join(dirname(path), from);
    if (own.includes(target)) return ` from "./${target.split("/").at(-1)}"`;
    const there = relative(directory, target);
    return ` from "${there.startsWith(".") ? there : `./${there}`}"`;
  });
}

/** All imports of `one` and `other`, each name once. */
export function mergedImports(one: string, other: string): string {
  const names = new Map<string, Set<string>>();
  for (const { groups } of [...one.matchAll(IMPORT), ...other.matchAll(IMPORT)]) {
    const { from = "", type = "", names: list = "" } = groups!;
    const all = names.get(from) ?? new Set();
    for (const name of list.split(",").map((each) => each.trim())) if (name) all.add(type + name);
    names.set(from, all);
  }
  return [...names].map(([from, all]) => line([...all].sort(), from)).join("");
}

export const withoutImports = (text: string): string => text.replace(IMPORT, "");

function line(names: string[], from: string): string {
  const short = `import { ${names.join(", ")} } from "${from}";\n`;
  return short.length <= WIDTH
    ? short
    : `import {\n${names.map((name) => `  ${name},\n`).join("")}} from "${from}";\n`;
}
