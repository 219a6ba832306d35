// A system call as data: what the addon needs to make it, and the text strace would print for it.
import { constants as os } from "node:os";
import type { EncodedCall } from "./addon.ts";

/** An argument as the kernel takes it. A call stands for its own result: a descriptor opened earlier in the recipe. */
export type Value = number | string | null | string[] | Uint8Array | Call;

export type Call = {
  /** The system call's name. */
  name: string;
  args: Value[];
  /** The arguments as strace(1) writes them; a call is replaced by its result. */
  text: (string | Call)[];
  /** What the call is about, for the error message, as in Node's own: `name 'path' -> 'dest'`. */
  path?: string | undefined;
  dest?: string | undefined;
  /** Error codes (`EEXIST`) after which the recipe goes on. */
  tolerates: string[];
};

/** The child's life between clone and exec, in order. */
export type Recipe = Call[];

/** A descriptor: its number, or the call in the same recipe that opens it. */
export type Descriptor = number | Call;

/** A system call as data: `args` for the addon, `text` as strace would write them. */
export const call = (
  name: string,
  args: Value[],
  text: (string | Call)[],
  path?: string,
  dest?: string,
): Call => ({
  name,
  args,
  text,
  path,
  dest,
  tolerates: [],
});

/** How a descriptor is written: its number, or the call that will have returned it. */
export const descriptor = (fd: Descriptor): string | Call => (typeof fd === "number" ? String(fd) : fd);

/** The same call, but an error among `codes` does not end the recipe. */
export const tolerate = (codes: string[], call: Call): Call => ({ ...call, tolerates: codes });

// --- as the addon takes it ---

/** The errors after which the recipe goes on, by number. */
export const toleratedErrnos = (call: Call): number[] =>
  call.tolerates.map((code) => os.errno[code as keyof typeof os.errno]);

/** Whether the recipe ends with this call's result: an error that is not tolerated. */
export const isFatal = (call: Call, result: number): boolean =>
  result < 0 && !toleratedErrnos(call).includes(-result);

/** A call among the arguments becomes the index of the call whose result is meant. */
export const encode = (calls: Call[]): EncodedCall[] =>
  calls.map((call) => ({
    name: call.name,
    args: call.args.map((arg) => (isCall(arg) ? { result: calls.indexOf(arg) } : arg)),
    tolerates: toleratedErrnos(call),
  }));

const isCall = (arg: unknown): arg is Call => typeof arg === "object" && arg !== null && "tolerates" in arg;

// --- as strace writes it ---

const ESCAPES: Record<string, string> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\f": "\\f", "\v": "\\v" };

/** `"text"`, bytes outside ASCII in octal. */
export function quote(text: string | null): string {
  if (text === null) return "NULL";
  const bytes = Buffer.from(text).toString("latin1");
  const escaped = bytes.replace(/["\\]/g, "\\$&").replace(/[^ -~](?=(.?))/g, (char, next: string) => {
    const octal = char.charCodeAt(0).toString(8);
    return ESCAPES[char] ?? `\\${/[0-7]/.test(next) ? octal.padStart(3, "0") : octal}`;
  });
  return `"${escaped}"`;
}

/** `["sh", "-c"]` */
export const quoteAll = (texts: string[]): string => `[${texts.map(quote).join(", ")}]`;

/** `MS_REC|MS_PRIVATE`; what the table does not name is added in hexadecimal. */
export function flagNames(value: number, table: Record<string, number>): string {
  let rest = BigInt(value);
  const names = Object.entries(table).flatMap(([name, bits]) => {
    if ((rest & BigInt(bits)) === 0n) return [];
    rest &= ~BigInt(bits);
    return [name];
  });
  if (rest > 0n) names.push(`0x${rest.toString(16)}`);
  return names.join("|") || "0";
}

/** `0x1f`, `0` */
export const hex = (value: number): string => (value === 0 ? "0" : `0x${value.toString(16)}`);

/** `0755`, `000` */
export const octal = (mode: number): string => (mode === 0 ? "000" : `0${mode.toString(8)}`);
