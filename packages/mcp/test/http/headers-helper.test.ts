import { readFileSync } from "node:fs";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { HelperHeaders } from "../../src/http/headers-helper.ts";
import { HttpOpener, type McpServerStatus, mcpServer } from "../../src/index.ts";
import { McpWebServer } from "../support/mcp-web-server.ts";
import { Places } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";

describe("a command that prints headers", () => {
  test("is run for the first request, and again when a server refuses what it printed", async () => {
    await using folder = await tempDir();
    await using places = new Places();
    await places.embed();
    let wanted = "1";
    await using server = await McpWebServer.open({
      before: ({ headers }) => (headers.get("x-token") === wanted ? undefined : new Response(null, { status: 401 })),
    });
    const count = folder.join("count");
    const command = `printf x >> '${count}'; printf '{"x-token":"%s"}' "$(wc -c < '${count}' | tr -d ' ')"`;
    const http = new HttpOpener({ environments: places, variables: {} });
    await using servers = mcpServers({ environments: places, http });
    const manager = await servers.refresh([mcpServer("web", { url: server.url, httpHeadersHelper: command })]);
    expect(await manager.started()).toMatchObject({ ready: ["web"] });
    expect(readFileSync(count, "utf8")).toBe("x");
    wanted = "2";
    await Promise.all([1, 2, 3].map(() => manager.callTool("web", "echo", { text: "hi" })));
    expect(readFileSync(count, "utf8")).toBe("xx");
  });

  test.each([
    ["exit 3", "http_headers_helper exited with status 3"],
    ["echo nonsense", "http_headers_helper must print a JSON object of header names and values"],
    ["echo '[]'", "http_headers_helper must print a JSON object"],
    ["echo '{}'", "http_headers_helper must print a JSON object"],
    [`echo '{"a":5}'`, "http_headers_helper must print a JSON object"],
    [`echo '{"Content-Type":"x"}'`, "http_headers_helper printed a reserved header"],
    [`echo '{"a":"1","A":"2"}'`, "http_headers_helper printed a header twice"],
    [`echo '{"bad name":"hunter2"}'`, "http_headers_helper printed a header whose name or value is none"],
    ["head -c 65537 /dev/zero", "http_headers_helper printed more than 65536 bytes"],
  ])("that does not is told of, and not what it printed: %s", async (command, message) => {
    await using places = new Places();
    const executor = await places.embed();
    const error = await new HelperHeaders(command, executor).current().catch((each: Error) => each);
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain("hunter2");
  });

  test("needs the local environment", async () => {
    await using places = new Places();
    const statuses: McpServerStatus[] = [];
    const http = new HttpOpener({ environments: places, variables: {} });
    await using servers = mcpServers({ environments: places, http, onStatus: (status) => statuses.push(status) });
    const server = mcpServer("web", { url: "http://127.0.0.1:1/", httpHeadersHelper: "true" });
    await (await servers.refresh([server])).started();
    expect(statuses.at(-1)?.error).toContain("http_headers_helper can only run in the local environment");
  });
});
