import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@holdfast/exec-client";
import { McpServers, mcpServer } from "@holdfast/mcp";
import { isAlive, until } from "@holdfast/testkit";
import type { ClientScenario } from "../scenario.ts";

/** An MCP server in a few lines, which leaves a child in another session, with streams of its own. It writes both ids to the file `pids`. */
const SERVER = `echo $$ >pids
setsid sh -c 'echo $$ >>pids; exec sleep 60 </dev/null >/dev/null 2>&1' &
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\\n' "$id" "$1"; }
while read -r line; do
  id=\${line##*'"id":'} id=\${id%%[,\\}]*}
  case $line in
    *'"method":"initialize"'*) answer '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}' ;;
    *'"method":"tools/list"'*) answer '{"tools":[{"name":"where","inputSchema":{"type":"object"}}]}' ;;
    *'"method":"tools/call"'*) answer "{\\"content\\":[{\\"type\\":\\"text\\",\\"text\\":\\"$PWD\\"}]}" ;;
  esac
done`;

export const CLIENT_MCP_SERVERS: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.mcp-server",
    sentence:
      "an MCP server runs on the executor, and nothing of it is left, neither when it is replaced nor at the end",
    requirements: ["write.accepted", "output.notices", "terminate.group"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const environments = { has: () => true, executor: async () => executor };
      await using servers = new McpServers({ environments, variables: {} });
      const started: number[] = [];
      for (const generation of ["1", "2"]) {
        const table = { command: "sh", args: ["-c", SERVER], env: { GENERATION: generation } };
        const server = mcpServer("S", { ...table, cwd: context.folder, environmentId: "far" });
        const manager = await servers.refresh([server]);
        assert.deepEqual(await manager.started(), { ready: ["S"], failed: [], cancelled: [] });
        const { content } = await manager.callTool("S", "where", {});
        assert.deepEqual(content, [{ type: "text", text: context.folder }]);
        await servers.retired();
        assert.deepEqual(started.filter(isAlive), []);
        const pids = () => readFileSync(join(context.folder, "pids"), "utf8").trim().split("\n").map(Number);
        await until(() => pids().length === 2);
        started.push(...pids());
        assert.equal(started.filter(isAlive).length, 2);
      }
      await servers.shutdown();
      assert.deepEqual(started.filter(isAlive), []);
    },
  },
];
