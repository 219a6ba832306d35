// Lesson 5 shows a table of options and files, which must be the one that limits.ts goes by.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kebab } from "../../lib/cli.ts";
import { repository } from "../../lib/paths.ts";
import { table } from "./limits.ts";

const lesson = readFileSync(join(repository, "lessons/05-cgroups.md"), "utf8");
const named = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

test("lesson 5 names for each option the files of version 2 and version 1", () => {
  const rows = [...lesson.matchAll(/^\| (`--.*) \| (.*) \| (.*) \|$/gm)].map((cells) =>
    cells.slice(1).map(named),
  );
  const files = Object.entries(table).map(([option, [v2, v1]]) => [
    [`--${kebab(option)}`],
    Object.keys(v2),
    Object.keys(v1),
  ]);
  expect(rows).toEqual([...files, [["--device"], [], ["devices.deny", "devices.allow"]]]);
});
