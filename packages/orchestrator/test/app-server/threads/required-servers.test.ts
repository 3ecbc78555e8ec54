import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { threadsHost } from "./threads-host.ts";

describe("a thread with an MCP server that is required", () => {
  test("is not made when that does not start", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const before = await client.start();
    await client.turn(before.id, "one");
    await threads.host.server.close();
    const server = '[mcp_servers.bad]\ncommand = "/nonexistent/server"\n';
    appendFileSync(join(threads.codexHome, "config.toml"), `${server}required = true\n`);

    await using again = await threads.another();
    const second = await again.client();
    for (const [method, params] of [
      ["thread/start", {}],
      ["thread/fork", { threadId: before.id }],
      ["thread/resume", { threadId: before.id }],
    ] as const) {
      expect(await second.refusal(method, params)).toMatchObject({
        code: -32603,
        message: expect.stringMatching(
          /^error creating thread: Fatal error: Failed to initialize session: required MCP servers failed to initialize: bad: /,
        ),
      });
    }
    expect((await second.call("thread/loaded/list", {})).data).toEqual([]);
    const config = { "mcp_servers.bad.enabled": false };
    expect((await second.call("thread/resume", { threadId: before.id, config })).thread.id).toBe(before.id);
  });
});
