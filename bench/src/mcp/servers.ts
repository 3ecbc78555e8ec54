import type { Executor } from "@holdfast/exec-client";
import { McpServers, mcpServer } from "@holdfast/mcp";
import { EVERYTHING } from "./everything.ts";
import { timeCalls, type Way } from "./way.ts";

/** Servers of this project's, on an executor. */
export function serversOf(executor: Executor): Way {
  return async (calls) => {
    const environments = { has: () => true, executor: async () => executor };
    const servers = new McpServers({ environments, variables: process.env });
    const begin = performance.now();
    const manager = await servers.refresh([mcpServer("everything", { ...EVERYTHING, cwd: "/" })]);
    const { failed } = await manager.started();
    if (failed.length > 0) throw new Error(failed[0]?.error);
    const startMs = performance.now() - begin;
    const callMs = await timeCalls(calls, () => manager.callTool("everything", "echo", { message: "hello" }));
    const ending = performance.now();
    await servers.shutdown();
    return { startMs: [startMs], callMs, endMs: [performance.now() - ending] };
  };
}
