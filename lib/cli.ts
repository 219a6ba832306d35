// The command line every step shares: `run [options] COMMAND [ARG…]`, all from COMMAND on passed as it is.
import { basename, dirname, relative } from "node:path";
import { parseArgs } from "node:util";
import { startTrace } from "../native/index.ts";
import { dieWithTsx, holdSignals } from "./launcher.ts";
import { repository } from "./paths.ts";
import { reportAndExit, UsageError } from "./report.ts";
import type { Reader } from "./values.ts";

/** An option: what its value is called (none for a flag), what it does, and how the value is read. */
export type Option<T> = {
  value?: string;
  help: string;
  read: (given: string[], name: string) => T;
};

/** `--name`: false unless given. */
export const flag = (help: string): Option<boolean> => ({ help, read: (given) => given.length > 0 });

/** `--name VALUE`; the last one counts. `check` returns what is wrong with a value, if anything. */
export const text = <T extends string | undefined>(
  value: string,
  help: string,
  fallback: () => T,
  check: (given: string) => string | undefined = () => undefined,
): Option<string | T> => ({
  value,
  help,
  read(given, name) {
    const wrong = given.map(check).find((each) => each !== undefined);
    if (wrong) throw new UsageError(`--${name}: ${wrong}`);
    return given.at(-1) ?? fallback();
  },
});

/** `--name VALUE` read by `parse`, which throws a UsageError for what it cannot use; the last one counts. */
export const value = <T>(value: string, help: string, parse: Reader<T>): Option<T | undefined> => ({
  value,
  help,
  read: (given, name) => given.map((each) => parse(each, name)).at(-1),
});

/** `--name VALUE` any number of times, each read by `parse` as above. */
export const list = <T>(value: string, help: string, parse: Reader<T>): Option<T[]> => ({
  value,
  help,
  read: (given, name) => given.map((each) => parse(each, name)),
});

/** What the options say, once read. */
export type Values<O extends Options> = { [K in keyof O]: ReturnType<O[K]["read"]> };

type Options = Record<string, Option<unknown>>;

const common: Options = {
  trace: flag("write every system call to standard error, as strace would"),
  help: flag("this text"),
};

/**
 * Reads the command line. From here on any error ends the process with one line and the right status.
 * An option is known by its name in camel case: `readOnly` is `--read-only`.
 */
export function boxCommand<O extends Options>(options: O): { options: Values<O>; command: string[] } {
  process.on("uncaughtException", reportAndExit);
  dieWithTsx();
  holdSignals();
  const all = { ...options, ...common };
  const { given, command } = split(process.argv.slice(2), all);
  if (given.help?.length) help(all);
  if (given.trace?.length) startTrace();
  const values = Object.entries(options).map(([key, option]) => [
    key,
    option.read(given[key] ?? [], kebab(key)),
  ]);
  if (command.length === 0) throw new UsageError(`no command to run: ${usage}`);
  return { options: Object.fromEntries(values), command };
}

const step = basename(dirname(process.argv[1] ?? ""));
const script = relative(repository, process.argv[1] ?? "");
const usage = `npx tsx ${script} run [options] COMMAND [ARG…]`;

/** `readOnly` → `read-only` */
export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

type Given = Record<string, string[] | undefined>;

// Two passes: the first finds COMMAND, the second reads what stands before it and nothing behind.
function split(args: string[], options: Options): { given: Given; command: string[] } {
  const config = Object.fromEntries(
    Object.entries(options).map(([key, { value }]) => [
      kebab(key),
      { type: value ? "string" : "boolean", multiple: true },
    ]),
  ) as Record<string, { type: "string" | "boolean"; multiple: true }>;
  if (args[0] === "--help") return { given: { help: [""] }, command: [] };
  if (args[0] !== "run") throw new UsageError(`expected run, got ${args[0] ?? "nothing"}: ${usage}`);

  const rest = args.slice(1);
  const { tokens } = parseArgs({
    args: rest,
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const end = tokens.find(({ kind }) => kind === "positional" || kind === "option-terminator");
  const command = rest.slice(
    end === undefined ? rest.length : end.index + Number(end.kind === "option-terminator"),
  );
  const given: Given = {};
  for (const token of tokens) {
    if (token.kind !== "option" || (end && token.index >= end.index)) continue;
    const key = Object.keys(options).find((each) => kebab(each) === token.name);
    if (!key) throw new UsageError(`unknown option ${token.rawName} (step ${step} knows ${names(options)})`);
    given[key] = [...(given[key] ?? []), argument(token, options[key]!)];
  }
  return { given, command };
}

function argument(
  token: { rawName: string; value?: string | undefined },
  { value }: Option<unknown>,
): string {
  if (value && !token.value)
    throw new UsageError(`${token.rawName} takes a value: ${token.rawName} ${value}`);
  if (!value && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
  return token.value ?? "";
}

const names = (options: Options): string =>
  Object.keys(options)
    .map((key) => `--${kebab(key)}`)
    .join(" ");

function help(options: Options): never {
  const rows = Object.entries(options).map(([key, { value, help }]) => [
    `--${kebab(key)} ${value ?? ""}`,
    help,
  ]);
  const width = Math.max(...rows.map(([left]) => left!.length));
  console.log(`usage: ${usage}\n`);
  for (const [left, right] of rows) console.log(`  ${left!.padEnd(width)}  ${right}`);
  process.exit(0);
}
