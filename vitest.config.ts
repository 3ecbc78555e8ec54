import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "tools/*/test/**/*.test.ts",
      "conformance/test/**/*.test.ts",
      "bench/test/**/*.test.ts",
    ],
    environment: "node",
    // Real processes and sockets on two cores: waits are polled conditions with deadlines of their own.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
    maxWorkers: 2,
  },
});
