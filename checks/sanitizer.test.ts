// The addon under AddressSanitizer and UBSan, which see every read and write that is out of bounds, freed or
// undefined. Leaks are not looked for: Node itself leaves too much at exit. native/memory.test.ts does that.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const repository = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "sanitizer-"));
const copy = join(scratch, "copy");
afterAll(() => rmSync(scratch, { recursive: true }));

const MINUTES = 60_000;
const SANITIZERS = "-fsanitize=address,undefined";

/** Those that run in this process what they test; not those that measure memory or are about other tools. */
const tests = ["descriptors", "errors", "many", "mistakes", "signals", "wait"].map(
  (name) => `native/${name}.test.ts`,
);

function copyRepository(): void {
  for (const part of ["native", "lib", "steps", "checks", "package.json"])
    cpSync(join(repository, part), join(copy, part), { recursive: true });
  for (const built of ["build", "prebuilds"])
    rmSync(join(copy, "native", built), { recursive: true, force: true });
  linkModules();
  const settings = { pool: "forks", fileParallelism: false, testTimeout: 2 * MINUTES };
  writeFileSync(join(copy, "vitest.config.js"), `export default { test: ${JSON.stringify(settings)} };`);
}

/** The packages, each as a link but for the addon's headers: gyp writes where they really are, as seen from here. */
function linkModules(): void {
  const [from, to] = [repository, copy].map((each) => join(each, "node_modules"));
  cpSync(join(from!, "node-addon-api"), join(to!, "node-addon-api"), { recursive: true });
  for (const name of readdirSync(from!))
    if (name !== "node-addon-api") symlinkSync(join(from!, name), join(to!, name));
}

function build(how: "rebuild" | "build"): void {
  const flags = `${SANITIZERS} -fno-sanitize-recover=undefined -O1 -g`;
  const env = { ...process.env, CXXFLAGS: flags, LDFLAGS: SANITIZERS, JOBS: "max" };
  const nodeGyp = ["exec", "--", "node-gyp", how, "-C", "native"]; // by npm, which knows where Node's headers are
  const { status, stderr } = spawnSync("npm", nodeGyp, { cwd: copy, env, encoding: "utf8" });
  expect(status, stderr).toBe(0);
}

/** Runs tests with the sanitized addon: whether they pass, and what the sanitizers say. */
function sanitized(...args: string[]) {
  const log = join(scratch, "report");
  const env = {
    ...process.env,
    RUNS: "100",
    LD_PRELOAD: ["libasan.so", "libubsan.so"].map(library).join(":"),
    ASAN_OPTIONS: `detect_leaks=0:log_path=${log}`,
    UBSAN_OPTIONS: `print_stacktrace=1:log_path=${log}`,
  };
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  const { status, stdout } = spawnSync(process.execPath, [vitest, "run", ...args], {
    cwd: copy,
    env,
    encoding: "utf8",
  });
  const reports = readdirSync(scratch).filter((name) => name.startsWith("report"));
  return {
    status,
    stdout,
    reports: reports.map((name) => readFileSync(join(scratch, name), "utf8")).join("\n"),
  };
}

const library = (name: string): string =>
  execFileSync("g++", [`-print-file-name=${name}`], { encoding: "utf8" }).trim();

const hasSanitizers = () =>
  spawnSync("g++", [SANITIZERS, "-x", "c++", "-o", join(scratch, "empty"), "-"], { input: "int main() {}" })
    .status === 0;

const possible = hasSanitizers();

describe("under the sanitizers", () => {
  beforeEach(({ skip }) => skip(!possible, "no g++ with AddressSanitizer here"));
  beforeAll(() => {
    if (!possible) return;
    copyRepository();
    build("rebuild");
  }, 10 * MINUTES);

  test("the addon's tests pass, and nothing is reported", { timeout: 10 * MINUTES }, () => {
    const { status, stdout, reports } = sanitized(...tests);
    expect(reports).toBe("");
    expect(status, stdout).toBe(0);
  });

  test("an overflow would be seen", { timeout: 10 * MINUTES }, () => {
    const source = join(copy, "native/src/recipe.cc");
    const code = readFileSync(source, "utf8");
    const planted = code.replace("array.ByteLength()", "array.ByteLength() + 8");
    expect(planted).not.toBe(code);
    writeFileSync(source, planted);
    build("build");
    const { status, reports } = sanitized("native/wait.test.ts", "-t", "an exit status of 0");
    expect(reports).toMatch(/AddressSanitizer: heap-buffer-overflow/);
    expect(status).not.toBe(0);
  });
});
