import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { EVERYTHING } from "./everything.ts";
import { timeCalls, type Way } from "./way.ts";

/** The same by the official SDK alone, which ends the server and nothing that it started. */
export function sdkTransport(): Way {
  return async (calls) => {
    const { command, args } = EVERYTHING;
    const begin = performance.now();
    const client = new Client({ name: "bench", version: "0.0.0" }, { supportedProtocolVersions: ["2025-06-18"] });
    await client.connect(new StdioClientTransport({ command, args: [...args], cwd: "/", stderr: "ignore" }));
    await client.listTools();
    const startMs = performance.now() - begin;
    const callMs = await timeCalls(calls, () => client.callTool({ name: "echo", arguments: { message: "hello" } }));
    const ending = performance.now();
    await client.close();
    return { startMs: [startMs], callMs, endMs: [performance.now() - ending] };
  };
}
