import { defineConfig } from "vitest/config";

// Tests run on the sources: the package's own import condition makes `#ir/network` mean
// `src/ir/network.ts`. Only the command-line tests use the build in `dist`.
export default defineConfig({
  resolve: { conditions: ["spinec-source"] },
  ssr: { resolve: { conditions: ["spinec-source"], externalConditions: ["spinec-source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["./test/support/build-wasm.ts"],
    reporters: ["default", "./test/support/count-reporter.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
