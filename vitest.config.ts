import { defineConfig } from "vitest/config";

const TESTS = [
  "packages/*/test/**/*.test.ts",
  "tools/*/test/**/*.test.ts",
  "conformance/test/**/*.test.ts",
  "bench/test/**/*.test.ts",
  "examples/test/**/*.test.ts",
];

/** Whether what is written compiles. The assertions about types stand in the tests of the packages. */
const TYPES = ["tools/check/test/types/**/*.test.ts"];

/** What starts our programs, whole executors or sandboxes again and again, or the older compiler. */
const SYSTEM = [
  "packages/cli/test/!(called-as|without-paths-of-installer).test.ts",
  "packages/cli/test/cp/!(progress-bar).test.ts",
  "packages/cli/test/agent/agent*.test.ts",
  "packages/cli/test/{app-server,background,browser,completion,connect,doctor,env,exec,forward,fs,http,man,mcp,patch,proxy,relay,runs,sandbox,schemas,service,shell,signals,spool,ssh}/**/*.test.ts",
  "packages/cli/test/serve/replace/*.test.ts",
  "packages/cli/test/serve/!(limit-options|line-writer|listen-address|log-line|session-limits|spool-options).test.ts",
  "packages/cli/test/executor/{program,secrets}.test.ts",
  "packages/mcp/test/conformance/*.test.ts",
  "packages/cli/test/schema/schema.test.ts",
  "packages/mcp/test/{manager,teardown}/**/*.test.ts",
  "packages/sandbox/test/native-text.test.ts",
  "packages/sandbox/test/linux/enforced.test.ts",
  "packages/testkit/test/programs.test.ts",
  "conformance/test/{cost,extension-corpus,mcp-serve,programs,soak,upgrade}.test.ts",
  "tools/codegen/test/{generate,read/authored,app-server/app-server}.test.ts",
  "examples/test/**/*.test.ts",
];

/** What has whole executors in its own process: those of another file there would have a hand in its children, and know its modules as they are. */
const EXECUTORS = [
  "packages/executor/test/{admission,confined-files,confinement,guardian,mount-targets,platform,wire}/**/*.test.ts",
];

/** What all tests have in common: real processes and sockets, whose waits are polled conditions with deadlines of their own. */
const COMMON = { environment: "node", pool: "forks", testTimeout: 30_000, hookTimeout: 30_000, retry: 0 } as const;

export default defineConfig({
  test: {
    // What a test prints is shown when it fails.
    silent: "passed-only",
    fsModuleCache: true,
    tags: [
      {
        name: "long",
        description:
          "what a test beside it shows as well, with more bytes, more rounds or by another way; not part of `npm test`",
      },
      {
        name: "soak",
        description: "the same for a quarter of an hour; a command of its own, `node tools/setup/tests.mjs --soak`",
      },
    ],
    projects: [
      {
        test: {
          ...COMMON,
          name: "unit",
          include: TESTS,
          exclude: [...TYPES, ...SYSTEM, ...EXECUTORS],
          // Many files in one process, which spares a start and every import for each: a test leaves nothing behind that the next
          // could see. Not threads: a part of what is tested calls C, collects children or counts descriptors of the process.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...COMMON, name: "types", include: TYPES, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      {
        test: {
          ...COMMON,
          name: "system",
          include: SYSTEM,
          // As above. A process for each file would be a seventh of all that they compute.
          isolate: false,
          setupFiles: ["packages/cli/test/support/each-file.ts"],
          // They wait for programs more than they compute, so that two processors have room for a third.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...COMMON, name: "executors", include: EXECUTORS, maxWorkers: 3, sequence: { groupOrder: 1 } } },
    ],
  },
});
