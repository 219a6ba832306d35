// npm run doctor: what this machine is, what its kernel grants, and which steps work here.
import { reportAndExit } from "../../lib/report.ts";
import { findStep, readWords, stepNames } from "../words.ts";
import { cure } from "./cures.ts";
import { type Finding, lookAtMachine } from "./machine.ts";
import { makeScratch } from "./scratch.ts";
import { tryStep, type Verdict } from "./steps.ts";

const usage = `usage: npm run doctor -- [STEP…] [--json]

Tells what this machine is, tries what its kernel grants, and starts every step, or those named: 5, 05-cgroups.
Leaves nothing behind. As root it can try most.

  --json    for a program: {"machine": [{about, found, fine}], "steps": [{step, works, because, do}]}
  --help

Exit status: 0 if all these steps work here, 1 if one does not, 125 for bad input.
`;

const SOME_DO_NOT = 1;

async function examine(steps: string[], json: boolean): Promise<void> {
  const machine = lookAtMachine();
  const addon = machine.find(({ about }) => about === "addon")!;
  const scratch = await makeScratch();
  // The kernel is tried through the addon: without it, this file could not even be loaded.
  const kernel = addon.fine ? await (await import("./kernel.ts")).tryKernel(scratch) : [];
  const all = [...machine, ...kernel];
  if (!json) printFindings(all);
  const verdicts = steps.map((step) => {
    const verdict = addon.fine ? tryStep(step, scratch) : withoutAddon(step, addon.found);
    if (!json) printVerdict(verdict);
    return verdict;
  });
  if (json) console.log(JSON.stringify({ machine: all, steps: verdicts }, null, 2));
  process.exitCode = verdicts.every(({ works }) => works) ? 0 : SOME_DO_NOT;
}

const withoutAddon = (step: string, found: string): Verdict => {
  const because = `the addon: ${found}`;
  return { step, works: false, because, do: cure(because, step) };
};

// --- for a reader ---

function printFindings(all: Finding[]): void {
  for (const { about, found, fine } of all) console.log(`${mark(fine)} ${about.padEnd(WIDTH)} ${found}`);
  console.log();
}

function printVerdict({ step, works, because, do: cure }: Verdict): void {
  console.log(`${mark(works)} ${step.padEnd(WIDTH)} ${works ? "works here" : `not here: ${because}`}`);
  if (!works) console.log(`  ${" ".repeat(WIDTH)} do: ${cure}`);
}

const WIDTH = 13;
const mark = (fine: boolean | undefined): string => (fine === false ? "✗" : fine ? "✓" : " ");

process.on("uncaughtException", reportAndExit);
const flag = { type: "boolean" } as const;
const { given, words } = readWords({ json: flag, help: flag });
if (given.help) process.stdout.write(usage);
else await examine(words.length > 0 ? words.map(findStep) : stepNames(), given.json === true);
