import { defineConfig } from "vitest/config";
import { skipped } from "./checks/skipped.ts";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules", "playground"],
    // The kernel is shared: one file at a time, each in a process of its own.
    pool: "forks",
    fileParallelism: false,
    globalSetup: ["checks/steps.ts", "checks/host.ts"],
    reporters: ["default", skipped],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
