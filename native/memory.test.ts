// The child lives in memory of ours until it execs: nothing may move or free it, and nothing may keep it after.
import { expect, test } from "vitest";
import { launch } from "./testing.ts";

/** Runs `code` with gc() at hand, and what it prints. */
function collected(code: string): unknown {
  const { stdout, stderr } = launch(`import { setFlagsFromString } from "node:v8";
    import { runInNewContext } from "node:vm";
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc");
    ${code}`);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test("five hundred clones while garbage is collected and other threads allocate", () => {
  const good = collected(`
    import { Worker } from "node:worker_threads";
    const busy = "setInterval(() => { globalThis.waste = Array.from({ length: 1e4 }, () => ({})); }, 1)";
    const workers = [1, 2].map(() => new Worker(busy, { eval: true }));
    let good = 0;
    for (let i = 0; i < 500; i++) {
      const status = i % 256;
      const child = native.clone(0, [...native.waitForParent(), ...exec(["sh", "-c", "exit " + status], { PATH: "/bin" })]);
      globalThis.waste = Array.from({ length: 1e3 }, () => "waste " + i);
      if (i % 10 === 0) gc();
      child.resume();
      good += (await child.exited) === status;
    }
    await Promise.all(workers.map((worker) => worker.terminate()));
    console.log(good);`);
  expect(good).toBe(500);
});

test("two thousand clones, half of which fail, keep no memory", () => {
  // 20 kB of recipe and a 64 kB stack each: 160 MB if they stayed.
  const grown = collected(`
    import { readFileSync } from "node:fs";
    const status = () => readFileSync("/proc/self/status", "utf8");
    const megabytes = (name) => Number.parseInt(status().split(name + ":")[1]) / 1000;
    const measure = () => (gc(), { size: megabytes("VmSize"), resident: megabytes("VmRSS") });
    const env = { PATH: "/bin", LONG: "x".repeat(20_000) };
    const round = async () => {
      await native.clone(0, [native.execve("/bin/true", ["true"], env)]).exited;
      try { native.clone(0, [native.execve("/not/there", ["true"], env)]); } catch {}
    };
    for (let i = 0; i < 200; i++) await round();
    const before = measure();
    for (let i = 0; i < 1000; i++) await round();
    const after = measure();
    console.log(JSON.stringify({ size: after.size - before.size, resident: after.resident - before.resident }));`);
  const { size, resident } = grown as { size: number; resident: number };
  expect(size).toBeLessThan(60);
  expect(resident).toBeLessThan(20);
});
