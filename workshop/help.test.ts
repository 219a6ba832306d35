// Every command is listed, says how it is used, and says in one line what it cannot use.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { repository } from "../lib/paths.ts";
import { commands } from "./help.ts";

const scripts: Record<string, string> = JSON.parse(
  readFileSync(join(repository, "package.json"), "utf8"),
).scripts;

// With a root file system, which npm start would make first.
const store = mkdtempSync(join(tmpdir(), "help-test-"));
mkdirSync(join(store, "rootfs"));
afterAll(() => rmSync(store, { recursive: true }));

/** As npm does, which would take half a second more. */
function run(script: string, ...args: string[]) {
  const [, file] = /^tsx (\S+)$/.exec(scripts[script]!) ?? [];
  return spawnSync(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), join(repository, file!), ...args],
    {
      ...{ encoding: "utf8", env: { ...process.env, BOX_STORE: store } },
    },
  );
}

test("npm run help lists every script", () => {
  const listed = Object.values(commands).flatMap((list) => Object.keys(list));
  const all = Object.keys(scripts).filter(
    (name) => !/^pre(help|start|test|rootfs|lessons|play|doctor)$|^help$/.test(name),
  );
  expect(listed.sort()).toEqual(all.sort());
  const { status, stdout } = run("help");
  expect(status).toBe(0);
  for (const name of listed) expect(stdout).toMatch(new RegExp(`^  npm (run )?${name} `, "m"));
});

const told = [
  ...["start", "rootfs", "images", "bench", "doctor", "clean", "offline", "play", "check"],
  ...["lessons", "lessons:check", "site", "demo", "record"],
];

test.each(told)("%s --help", (name) => {
  const { status, stdout, stderr } = run(name, "--help");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^usage: /);
});

test.each([
  ...told.map((name) => [name, "--banana"]),
  ["start", "--memory", "banana", "true"],
  ["rootfs", "banana"],
  ["rootfs", "--arch", "vax"],
  ["images", "banana"],
  ["images", "show"],
  ["images", "show", "nonesuch"],
  ["images", "import", "BANANA", "/"],
  ["bench", "banana"],
  ["bench", "0"],
  ["doctor", "banana"],
  ["doctor", "99"],
  ["clean", "banana"],
  ["offline", "banana"],
  ["lessons", "banana"],
  ["lessons", "--port", "banana"],
  ["lessons:check", "banana"],
  ["site", "banana"],
  ["site", "--to", "/proc/new/site"],
  ["demo", "banana"],
  ["demo"],
  ["demo", "nowhere.md"],
  ["record", "banana"],
  ["rootfs", "--to", "/proc/new/root"],
  ["offline", "/nowhere/a.tar"],
  ["play", "banana"],
  ["check", "99"],
])("%s %s %s is one line and 125", (name, ...args) => {
  const given = args.filter((each) => each !== undefined);
  const { status, stdout, stderr } = run(name!, ...given);
  expect(stderr).toMatch(/^\w+: [^\n]*\n$/);
  expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
});
