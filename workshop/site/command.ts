// How `npm run site` and `npm run lessons` end when they cannot do what they should: one line that says why.
import { FAILED, UsageError } from "../../lib/report.ts";

/** Runs a command; what the user can put right is one line, anything else a bug with its stack. */
export async function runCommand(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const { code = "", message, stack } = error as NodeJS.ErrnoException;
    const known = error instanceof UsageError || /^(E[A-Z]+|ERR_PARSE_ARGS_.*)$/.test(code);
    console.error(known ? `${name}: ${message}` : stack);
    process.exit(FAILED);
  }
}
