// What is written at the foot of the screen, for whoever gives the demo.
import { styleText } from "node:util";
import { keyName } from "../lessons/screen.ts";
import { HINTS } from "./keys.ts";
import type { Line } from "./script.ts";

let written: string[] = []; // of each row

/** Writes what comes next, how far we are, and what was not as the lesson says. */
export function writeFoot(line: Line, place: string, state: string, trouble = ""): void {
  const { columns } = process.stdout;
  const { heading, sentence } = line.cue;
  const rows = [
    styleText("dim", fit([heading, sentence].filter(Boolean).join(" · "), columns)),
    fit(whatComes(line), columns),
    styleText(trouble ? "yellow" : "dim", fit(trouble || state, columns)),
    styleText("dim", fit(`${place} · ${HINTS}`, columns)),
  ];
  const fresh = rows.map((row, y) => (row === written[y] ? "" : `\x1b[${y + 1}H${row}\x1b[K`));
  process.stdout.write(`\x1b[?25l${fresh.join("")}`);
  written = rows;
}

process.stdout.on("resize", () => {
  written = [];
});

const whatComes = ({ scene, entry }: Line): string =>
  `${scene.terminal}: ${entry.prompt ?? ""}${entry.typed ? keyName(entry.typed) : "…"}`;

function fit(text: string, columns: number): string {
  const line = text.replace(/\s+/g, " ");
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
}
