import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** They set the process' umask, which a thread can't. */
const ofTheProcess = ["src/engine/store/merge.test.ts", "src/engine/toolbox/unpack.test.ts"];

/** For tests of the whole program. */
const ofTheWhole = {
  // Tells what was made by this run from what an earlier one left.
  env: { E2E_RUN: randomUUID() },
  testTimeout: 600_000,
  hookTimeout: 600_000,
  // Half of a VM's boot is waiting, and much else is done by one process.
  maxWorkers: 2,
};

export default defineConfig({
  test: {
    // Node strips the types itself, as it does for the program: tests run on what users run, and nothing is transformed first.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // By default one core is left idle; on two cores that is half of them. Some tests wait for a clock or for another program.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "recipes/**/*.test.ts", "test/unit/**/*.test.ts"],
          exclude: ofTheProcess,
          setupFiles: ["test/unit/setup.ts"],
          // A machine that builds meanwhile may stall for seconds.
          testTimeout: 30_000,
          // Loading the modules anew for each of 80 files would take longer than the tests do.
          pool: "threads",
          isolate: false,
        },
      },
      {
        test: {
          name: "unit-process",
          include: ofTheProcess,
          setupFiles: ["test/unit/setup.ts"],
          testTimeout: 30_000,
          pool: "forks",
        },
      },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...ofTheWhole, sequence: { groupOrder: 1 } } },
      // Not of the gate: `make test-cosign`.
      { test: { name: "cosign", include: ["test/cosign/**/*.test.ts"], ...ofTheWhole, sequence: { groupOrder: 2 } } },
    ],
  },
});
