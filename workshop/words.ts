// The command line of the workshop's own commands: words, and options that npm may have taken for its own.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { repository } from "../lib/paths.ts";
import { UsageError } from "../lib/report.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Given = Record<string, string | boolean | undefined>;

const NPMS_OWN = ["all"];

/** Reads the words after the command's name. @throws {UsageError} of one line */
export function readWords(options: Options, args = process.argv.slice(2)): { given: Given; words: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { given: { ...takenByNpm(options), ...(values as Given) }, words: positionals };
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(". To specify")[0]}: see -- --help`);
  }
}

/**
 * Without `--` before it, `npm run play 5 --reset` makes --reset an option of npm's, which it tells in a variable. Where
 * npm has an option of that name itself, as `all`, the variable may be from a file of the user's: it tells nothing.
 */
function takenByNpm(options: Options): Given {
  const ours = Object.entries(options).filter(([name]) => !NPMS_OWN.includes(name));
  const found = ours.map(([name, { type }]): [string, string | boolean | undefined] => {
    const value = process.env[`npm_config_${name.replaceAll("-", "_")}`];
    return [name, type === "boolean" ? value === "true" || undefined : value];
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

/** The steps' names, in order: `01-exec` … */
export const stepNames = (): string[] =>
  readdirSync(join(repository, "steps"))
    .filter((name) => /^\d\d-/.test(name))
    .sort();

/** The step meant by `5`, `05` or `05-cgroups`. @throws {UsageError} if there is none */
export function findStep(given: string): string {
  const number = Number(/^(\d+)(-.*)?$/.exec(given)?.[1]);
  const found = stepNames().find((name) => Number.parseInt(name, 10) === number);
  if (!found || (given.includes("-") && given !== found))
    throw new UsageError(`expected a step from 1 to ${stepNames().length}, got '${given}'`);
  return found;
}
