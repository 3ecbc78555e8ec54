import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import {
  HttpOpener,
  type HttpServerOptions,
  type McpServerStatus,
  type McpServers,
  mcpServer,
} from "../../src/index.ts";
import { freePort } from "../support/free-port.ts";
import { McpWebServer, type McpWebServerOptions } from "../support/mcp-web-server.ts";
import { PLACEMENTS, placed } from "../support/placed.ts";
import { Places } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";

const OWN = { TOKEN: "t0ken", KEY: "k", BLANK: " " };

function serversIn(environments: Places, statuses: McpServerStatus[] = []): McpServers {
  const http = new HttpOpener({ environments, variables: OWN });
  return mcpServers({ environments, http, onStatus: (status) => statuses.push(status) });
}

describe.each(PLACEMENTS)("a server that is reached by HTTP from %s", (placement) => {
  async function started(
    web: McpWebServerOptions = {},
    options: Partial<HttpServerOptions> = {},
  ): Promise<
    AsyncDisposable & { readonly server: McpWebServer; readonly servers: McpServers; error(): string | undefined }
  > {
    const stack = new AsyncDisposableStack();
    const { places, environmentId } = await placed(placement);
    stack.use(places);
    const server = stack.use(await McpWebServer.open(web));
    const statuses: McpServerStatus[] = [];
    const servers = stack.use(serversIn(places, statuses));
    const manager = await servers.refresh([mcpServer("web", { url: server.url, environmentId, ...options })]);
    await manager.started();
    const error = (): string | undefined => statuses.findLast(({ state }) => state === "failed")?.error;
    return { server, servers, error, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  test("lists its tools and is called, in one session with a stream for what it says by itself", async () => {
    await using web = await started();
    expect(web.servers.current.tools().map(({ tool }) => tool.name)).toEqual(["echo", "long", "never", "progress"]);
    const { content } = await web.servers.current.callTool("web", "echo", { text: "held fast" });
    expect(content).toEqual([{ type: "text", text: "held fast" }]);
    expect(web.server.sessions).toHaveLength(1);
    await until(() => web.server.web.seen.some(({ method }) => method === "GET"));
    const [first, ...others] = web.server.web.seen;
    expect(first?.headers.get("mcp-session-id")).toBeNull();
    expect(first?.headers.get("accept")).toContain("text/event-stream");
    for (const { headers } of others) {
      expect(headers.get("mcp-session-id")).toBe(web.server.sessions[0]);
      expect(headers.get("mcp-protocol-version")).toBe("2025-06-18");
    }
  });

  test("is told of the end of its session", async () => {
    await using web = await started();
    await web.servers.shutdown();
    expect(web.server.sessions).toEqual([]);
    expect(web.server.web.trail.at(-1)).toBe("DELETE /mcp");
  });

  test("reports progress, and is given up when it is cancelled", async () => {
    await using web = await started();
    const seen: number[] = [];
    const onProgress = ({ progress }: { readonly progress: number }): void => void seen.push(progress);
    await web.servers.current.callTool("web", "progress", { steps: 3 }, { onProgress });
    expect(seen).toEqual([1, 2, 3]);
    const stop = new AbortController();
    const call = web.servers.current.callTool("web", "never", {}, { signal: stop.signal });
    call.catch(() => {});
    await until(() => web.server.web.seen.some(({ body }) => body.includes('"never"')));
    stop.abort(new Error("enough"));
    await expect(call).rejects.toThrow();
    await until(() => web.server.web.seen.some(({ body }) => body.includes("notifications/cancelled")));
    const { content } = await web.servers.current.callTool("web", "echo", { text: "still here" });
    expect(content).toEqual([{ type: "text", text: "still here" }]);
  });

  test("gets the headers that its configuration names, and none that is no header or blank", async () => {
    await using web = await started(
      {},
      {
        httpHeaders: { "x-team": "a", "bad name": "b" },
        envHttpHeaders: { "x-key": "KEY", "x-blank": "BLANK", "x-unset": "UNSET" },
        bearerTokenEnvVar: "TOKEN",
      },
    );
    expect(web.error()).toBeUndefined();
    for (const { headers } of web.server.web.seen) {
      expect(headers.get("x-team")).toBe("a");
      expect(headers.get("x-key")).toBe("k");
      expect(headers.get("authorization")).toBe("Bearer t0ken");
      expect(headers.has("x-blank") || headers.has("x-unset")).toBe(false);
    }
  });

  test("does not start without the bearer token that its configuration names", async () => {
    await using unset = await started({}, { bearerTokenEnvVar: "UNSET" });
    expect(unset.error()).toBe("Environment variable UNSET for MCP server 'web' is not set");
    await using blank = await started({}, { bearerTokenEnvVar: "BLANK" });
    expect(blank.error()).toBe("Environment variable BLANK for MCP server 'web' is empty");
    expect([...unset.server.web.seen, ...blank.server.web.seen]).toEqual([]);
  });

  test("that wants a login is not logged in, in as many words", async () => {
    await using web = await started({ before: () => new Response(null, { status: 401 }) });
    const advice = placement === "far" ? "Use your client's MCP OAuth sign-in flow." : "Run `codex mcp login web`.";
    expect(web.error()).toBe(`The web MCP server is not logged in. ${advice}`);
  });

  test("that refuses is quoted on one short line", async () => {
    const page = `<h1>\u001b[31mNo\n\n${"x".repeat(10_000)}`;
    await using web = await started({ before: () => new Response(page, { status: 500 }) });
    const words = `MCP client for \`web\` failed to start: MCP startup failed: the server answered with HTTP 500: <h1> [31mNo xxx`;
    expect(web.error()?.startsWith(words)).toBe(true);
    expect(web.error()?.length).toBeLessThan(400);
  });

  test("that forgets its sessions is given another one, and what was asked of it is asked again", async () => {
    await using web = await started();
    const [first] = web.server.sessions;
    web.server.forgetSessions();
    const calls = ["a", "b", "c"].map((text) => web.servers.current.callTool("web", "echo", { text }));
    const results = await Promise.all(calls);
    expect(results.map(({ content }) => content)).toEqual(["a", "b", "c"].map((text) => [{ type: "text", text }]));
    expect(web.server.sessions).toHaveLength(1);
    expect(web.server.sessions).not.toContain(first);
    const begun = web.server.web.seen.filter(({ body }) => body.includes('"method":"initialize"'));
    expect(begun).toHaveLength(2);
  });

  test("that is cut off fails the call that waits, at once and with the reason", async () => {
    await using web = await started();
    const call = web.servers.current.callTool("web", "never", {});
    call.catch(() => {});
    await until(() => web.server.web.seen.some(({ body }) => body.includes('"never"')));
    web.server.web.cut();
    await expect(call).rejects.toThrow("the connection was lost before the server answered");
    const { content } = await web.servers.current.callTool("web", "echo", { text: "again" });
    expect(content).toEqual([{ type: "text", text: "again" }]);
  });

  test("that says too much in one message fails that call, and no other", async () => {
    await using web = await started();
    const { current } = web.servers;
    await expect(current.callTool("web", "long", { bytes: 17_000_000 })).rejects.toThrow(
      /connection was lost before the server answered: .*exceeds 16777216 bytes/,
    );
    const { content } = await current.callTool("web", "long", { bytes: 1_000_000 });
    expect((content as { text: string }[])[0]?.text).toHaveLength(1_000_000);
  });

  test("is not followed to another origin", async () => {
    await using other = await McpWebServer.open();
    await using web = await started({
      before: ({ url }) => (new URL(url).pathname === "/mcp" ? Response.redirect(other.url, 307) : undefined),
    });
    expect(web.error()).toMatch(/HTTP 307: .*redirect/i);
    expect(other.web.seen).toEqual([]);
  });

  test("is followed within its own", async () => {
    await using web = await started({}, {});
    const { origin } = new URL(web.server.url);
    await using moved = await started({
      before: (request) => {
        const url = new URL(request.url);
        if (url.pathname !== "/mcp" || url.searchParams.has("moved")) return undefined;
        return new Response(null, { status: 307, headers: { location: "/mcp?moved" } });
      },
    });
    expect(origin).not.toBe(new URL(moved.server.url).origin);
    expect(moved.error()).toBeUndefined();
    expect(moved.servers.current.tools()).toHaveLength(4);
  });
});

describe("a server that is reached by HTTP", () => {
  test.each(["here", "local"] as const)("and is not there is told of with the reason, from %s", async (placement) => {
    const { places } = await placed(placement);
    await using _places = places;
    const statuses: McpServerStatus[] = [];
    await using servers = serversIn(places, statuses);
    await (
      await servers.refresh([mcpServer("web", { url: `http://127.0.0.1:${await freePort()}/mcp?secret` })])
    ).started();
    expect(statuses.at(-1)?.error).toMatch(/MCP startup failed: .*ECONNREFUSED/);
    expect(statuses.at(-1)?.error).not.toContain("secret");
  });

  test.each([
    ["ftp://h/", "url must be an http: or https: URL, not ftp://h/"],
    ["nonsense", "url must be an http: or https: URL, not nonsense"],
    ["http://me:hunter2@127.0.0.1/mcp?k=hunter2", "url must hold no user and no password"],
  ])("needs an address that can be asked: %s", async (url, message) => {
    await using places = new Places();
    const statuses: McpServerStatus[] = [];
    await using servers = serversIn(places, statuses);
    await (await servers.refresh([mcpServer("web", { url })])).started();
    const { error } = statuses.find(({ state }) => state === "failed") ?? {};
    expect(error).toContain(message);
    expect(error).not.toContain("hunter2");
  });

  test("needs an environment that is known, unless it is the local one", async () => {
    await using places = new Places();
    const statuses: McpServerStatus[] = [];
    await using servers = serversIn(places, statuses);
    await (await servers.refresh([mcpServer("web", { url: "http://127.0.0.1:1/", environmentId: "far" })])).started();
    expect(statuses.at(-1)?.error).toContain("MCP server `web` references unknown environment id `far`");
  });
});
