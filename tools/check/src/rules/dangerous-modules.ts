import type { WorkspacePackage } from "../workspace.ts";

/** Modules that reach the operating system, and the only places that may import them, by path prefix. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "node:child_process": [
    "packages/cli/src/service/run-tool.ts",
    "packages/cli/src/background/start-background.ts",
    "packages/cli/src/proxy/start-executor.ts",
    "packages/executor/src/process/launch.ts",
    "packages/rpc/src/stdio/",
    "packages/sandbox/src/probe/",
  ],
  "node:net": [
    "packages/cli/src/background/",
    "packages/executor/src/admission/ip-bytes.ts",
    "packages/executor/src/confinement/",
    "packages/executor/src/handlers/connections.ts",
    "packages/executor/src/handlers/listeners.ts",
    "packages/executor/src/listeners/",
    "packages/exec-client/src/forward/",
    "packages/executor/src/process/connection-child.ts",
    "packages/executor/src/process/input-pipe.ts",
    "packages/executor/src/process/open-connection.ts",
    "packages/executor/src/process/pipe-child.ts",
    "packages/rpc/src/",
    "packages/sandbox/src/proxy/",
  ],
  "node:http": [
    "packages/exec-client/src/relay/post-json.ts",
    "packages/mcp/src/oauth/callback-listener.ts",
    "packages/rpc/src/websocket/",
    "packages/sandbox/src/proxy/",
  ],
  // A registry may have an authority of its own, which `fetch` takes none of.
  "node:https": ["packages/exec-client/src/relay/post-json.ts", "packages/rpc/src/websocket/"],
  "node:http2": [],
  "node:tls": ["packages/rpc/src/websocket/"],
  "node:dgram": [],
  "node:worker_threads": [
    "packages/executor/src/planning/plan-thread-main.ts",
    "packages/executor/src/platform/child-reaper.ts",
    "packages/executor/src/trees/tree-thread.ts",
    "packages/executor/src/trees/tree-thread-main.ts",
    "packages/executor/src/platform/job-thread.ts",
  ],
  undici: ["packages/executor/src/http/"],
  ws: ["packages/rpc/src/websocket/"],
  "@lydell/node-pty": ["packages/executor/src/pty/"],
  koffi: ["packages/executor/src/platform/c-library.ts", "packages/executor/src/pty/launch-as.ts"],
};

/** What can start programs, open sockets or call C is imported only where a reader expects it. */
export function dangerousModules(packages: readonly WorkspacePackage[]): readonly string[] {
  return packages
    .filter(({ folder }) => folder.startsWith("packages/") && folder !== "packages/testkit")
    .flatMap(({ sources }) => sources)
    .flatMap(({ path, imports }) =>
      imports
        .filter(
          (specifier) =>
            ALLOWED[specifier] !== undefined && !ALLOWED[specifier].some((prefix) => path.startsWith(prefix)),
        )
        .map(
          (specifier) => `${path}: ${specifier} may be imported only by ${ALLOWED[specifier]?.join(", ") || "nothing"}`,
        ),
    );
}
