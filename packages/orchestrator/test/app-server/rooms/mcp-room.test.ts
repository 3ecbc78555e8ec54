import { readFileSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openServices } from "../services-host.ts";
import { SignInServer } from "./sign-in-server.ts";

const STUB = fileURLToPath(new URL("../../support/mcp-stub.mjs", import.meta.url));
const THREAD = "01890000-0000-7000-8000-000000000001";
const OTHER = "01890000-0000-7000-8000-000000000002";

function stub(name: string, ...args: readonly string[]): string {
  return `[mcp_servers.${name}]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([STUB, ...args])}\n`;
}

/** However slow the machine is. */
const PATIENT = "mcp_optional_startup_grace_ms = 60000\n";
const OFF = '[mcp_servers.off]\ncommand = "true"\nenabled = false\n';
const BROKEN = '[mcp_servers.broken]\ncommand = "/nope/nothing"\n';

const NOT_THERE = {
  environmentId: null,
  pluginId: null,
  httpOrigin: null,
  serverInfo: null,
  serverCapabilities: null,
  toolListMeta: null,
  tools: {},
  resources: [],
  resourceTemplates: [],
  authStatus: "unsupported",
};

describe("the state of MCP servers", () => {
  test("is found out by starting them, which ends with the answer", async () => {
    await using opened = await openServices();
    const pids = join(opened.host.folder, "pids");
    await opened.ask("config/batchWrite", {
      edits: [
        {
          keyPath: "mcp_servers.stub",
          value: { command: process.execPath, args: [STUB, pids] },
          mergeStrategy: "replace",
        },
        { keyPath: "mcp_servers.off", value: { command: "true", enabled: false }, mergeStrategy: "replace" },
        { keyPath: "mcp_servers.broken", value: { command: "/nope/nothing" }, mergeStrategy: "replace" },
      ],
    });
    expect(await opened.ask("mcpServerStatus/list", {})).toEqual({
      data: [
        {
          ...NOT_THERE,
          name: "broken",
          runtimeStatus: null,
          toolsError: expect.stringMatching(/^MCP startup failed: .*nothing/),
        },
        { ...NOT_THERE, name: "off", runtimeStatus: null, toolsError: null },
        {
          ...NOT_THERE,
          name: "stub",
          runtimeStatus: null,
          toolsError: null,
          serverInfo: { name: "stub", title: null, version: "1.0.0", description: null, icons: null, websiteUrl: null },
          serverCapabilities: { tools: {}, resources: {} },
          tools: {
            "say.meta": expect.objectContaining({ name: "say.meta", annotations: { readOnlyHint: true } }),
            ask: expect.objectContaining({ description: "Asks the user." }),
            wait: expect.anything(),
          },
          resources: [{ name: "note", uri: "stub://note", mimeType: "text/plain" }],
          resourceTemplates: [{ name: "notes", uriTemplate: "stub://{name}" }],
        },
      ],
      nextCursor: null,
    });
    const [pid = 0] = readFileSync(pids, "utf8").split("\n").map(Number);
    await until(() => !isAlive(pid));
  });

  test("comes in pages and by name, without resources where they are not wanted", async () => {
    await using opened = await openServices(PATIENT + BROKEN + OFF + stub("stub"));
    expect(await opened.ask("mcpServerStatus/list", { limit: 1 })).toMatchObject({
      data: [{ name: "broken" }],
      nextCursor: "1",
    });
    const only = { serverName: "stub", detail: "toolsAndAuthOnly" };
    expect(await opened.ask("mcpServerStatus/list", only)).toMatchObject({
      data: [{ name: "stub", tools: { ask: {} }, resources: [], resourceTemplates: [] }],
    });
    expect(await opened.ask("mcpServerStatus/list", { serverName: "nope" })).toEqual({ data: [], nextCursor: null });
    const refused = (message: string) => ({ error: { code: -32600, message } });
    expect(await opened.ask("mcpServerStatus/list", { cursor: "zz" })).toEqual(refused("invalid cursor: zz"));
    expect(await opened.ask("mcpServerStatus/list", { cursor: "99" })).toEqual(
      refused("cursor 99 exceeds total MCP servers 3"),
    );
    expect(await opened.ask("mcpServerStatus/list", { environmentId: "x" })).toEqual(
      refused("environmentId requires serverName and threadId"),
    );
  });

  test("is that of a thread's own servers where one is named", async () => {
    await using opened = await openServices(PATIENT + BROKEN + OFF + stub("stub"));
    await using mcp = opened.services.mcp.open({ threadId: THREAD, cwd: opened.host.cwd });
    expect(await opened.ask("mcpServerStatus/list", { threadId: THREAD, detail: "toolsAndAuthOnly" })).toMatchObject({
      data: [
        { name: "broken", runtimeStatus: "failed" },
        { name: "off", runtimeStatus: "disabled" },
        { name: "stub", runtimeStatus: "connected" },
      ],
    });
    expect(mcp.processCount).toBe(1);
    const bad =
      "invalid thread id: invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `x` at 1";
    expect(await opened.ask("mcpServerStatus/list", { threadId: "x" })).toEqual({
      error: { code: -32600, message: bad },
    });
    expect(await opened.ask("mcpServerStatus/list", { threadId: OTHER })).toEqual({
      error: { code: -32600, message: `thread not found: ${OTHER}` },
    });
    const scoped = { threadId: THREAD, serverName: "stub", environmentId: "remote" };
    expect(await opened.ask("mcpServerStatus/list", scoped)).toEqual({
      error: { code: -32603, message: "unknown MCP server 'stub (environment remote)'" },
    });
  });
});

describe("a thread that is started", () => {
  test("has its servers start behind the news of it, and end with it", async () => {
    await using opened = await openServices(PATIENT);
    const pids = join(opened.host.folder, "pids");
    await opened.ask("config/value/write", {
      keyPath: "mcp_servers.stub",
      value: { command: process.execPath, args: [STUB, pids] },
      mergeStrategy: "replace",
    });
    const { thread } = (await opened.ask("thread/start", {})) as { thread: { id: string } };
    const told = () => opened.client.named("mcpServer/startupStatus/updated").map(({ params }) => params);
    await until(() => told().length === 2);
    const status = { threadId: thread.id, name: "stub", environmentId: null, error: null, failureReason: null };
    expect(told()).toEqual([
      { ...status, status: "starting" },
      { ...status, status: "ready" },
    ]);
    const methods = opened.client.messages.map(({ method }) => method);
    expect(methods.indexOf("thread/started")).toBeLessThan(methods.indexOf("mcpServer/startupStatus/updated"));
    expect(await opened.ask("mcpServerStatus/list", { threadId: thread.id })).toMatchObject({
      data: [{ name: "stub", runtimeStatus: "connected" }],
    });
    const call = { threadId: thread.id, server: "stub", tool: "say.meta" };
    expect(await opened.ask("mcpServer/tool/call", call)).toMatchObject({
      content: [{ text: expect.stringContaining(thread.id) }],
    });
    const [pid = 0] = readFileSync(pids, "utf8").split("\n").map(Number);
    expect(isAlive(pid)).toBe(true);
    await opened.ask("thread/archive", { threadId: thread.id });
    await until(() => !isAlive(pid));
  });
});

describe("a server that wants to know something", () => {
  test("asks who listens to its thread, where that is allowed", async () => {
    await using opened = await openServices(`model = "m"\n${PATIENT}${stub("stub")}`);
    const { client } = opened;
    const start = async (approvalPolicy: string): Promise<string> => {
      const answer = (await opened.ask("thread/start", { approvalPolicy })) as { thread: { id: string } };
      return answer.thread.id;
    };
    const threadId = await start("on-request");
    const call = opened.ask("mcpServer/tool/call", { threadId, server: "stub", tool: "ask" });
    const asked = () => client.named("mcpServer/elicitation/request")[0];
    await until(() => asked() !== undefined);
    expect(asked()?.params).toMatchObject({
      threadId,
      turnId: null,
      serverName: "stub",
      mode: "form",
      message: "Who are you?",
      requestedSchema: { required: ["name"] },
    });
    client.send({ id: asked()?.id, result: { action: "accept", content: { name: "me" }, _meta: null } });
    expect(await call).toEqual({
      content: [{ type: "text", text: '{"action":"accept","content":{"name":"me"}}' }],
    });
    await until(() => client.named("serverRequest/resolved").length === 1);
    const silent = { threadId: await start("never"), server: "stub", tool: "ask" };
    expect(await opened.ask("mcpServer/tool/call", silent)).toEqual({
      content: [{ type: "text", text: '{"action":"decline"}' }],
    });
    expect(client.named("mcpServer/elicitation/request")).toHaveLength(1);
  });
});

describe("a tool of a thread's server", () => {
  test("is called, with what the client has to say besides", async () => {
    await using opened = await openServices(PATIENT + BROKEN + OFF + stub("stub"));
    await using _mcp = opened.services.mcp.open({ threadId: THREAD, cwd: opened.host.cwd });
    const call = (params: object) =>
      opened.ask("mcpServer/tool/call", { threadId: THREAD, server: "stub", tool: "say.meta", ...params });
    const { content } = (await call({ _meta: { mine: 1 } })) as { content: { text: string }[] };
    expect(JSON.parse(content[0]?.text ?? "")).toMatchObject({ threadId: THREAD, mine: 1 });
    const failed = (message: string) => ({ error: { code: -32603, message } });
    expect(await call({ server: "nope" })).toEqual(failed("unknown MCP server 'nope'"));
    expect(await call({ server: "off" })).toEqual(failed("unknown MCP server 'off'"));
    expect(await call({ server: "broken" })).toMatchObject({
      error: { code: -32603, message: expect.stringMatching(/^failed to get client: MCP startup failed: /) },
    });
    expect(await call({ arguments: 5 })).toEqual(
      failed("tool call failed for `stub/say.meta`: MCP tool arguments must be a JSON object, got 5"),
    );
    expect(await call({ threadId: OTHER })).toEqual({ error: { code: -32600, message: `thread not found: ${OTHER}` } });
  });

  test("asks the clients of the thread", async () => {
    await using opened = await openServices(PATIENT + stub("stub"));
    await using _mcp = opened.services.mcp.open({
      threadId: THREAD,
      cwd: opened.host.cwd,
      ask: async () => ({ action: "decline", content: null, _meta: null }),
    });
    expect(await opened.ask("mcpServer/tool/call", { threadId: THREAD, server: "stub", tool: "ask" })).toEqual({
      content: [{ type: "text", text: '{"action":"decline"}' }],
    });
  });
});

describe("a resource", () => {
  test("is read of a server that is started for it, or of a thread's", async () => {
    await using opened = await openServices(PATIENT + stub("stub"));
    await using mcp = opened.services.mcp.open({ threadId: THREAD, cwd: opened.host.cwd });
    const answer = { contents: [{ uri: "stub://x", text: "a note" }], originCallId: null };
    expect(await opened.ask("mcpServer/resource/read", { server: "stub", uri: "stub://x" })).toEqual(answer);
    expect(mcp.processCount).toBe(0);
    expect(await opened.ask("mcpServer/resource/read", { threadId: THREAD, server: "stub", uri: "stub://x" })).toEqual(
      answer,
    );
    expect(await opened.ask("mcpServer/resource/read", { server: "nope", uri: "stub://x" })).toEqual({
      error: { code: -32603, message: "unknown MCP server 'nope'" },
    });
    // What a server answers is passed on as it is.
    expect(await opened.ask("mcpServer/resource/read", { server: "stub", uri: "stub://missing" })).toEqual({
      error: { code: -32002, message: "there is no such note" },
    });
  });
});

describe("a login", () => {
  test("is begun, ends in the browser, and every client is told", async () => {
    await using server = await SignInServer.open();
    await using opened = await openServices(`[mcp_servers.web]\nurl = "${server.url}"\n`);
    const other = opened.host.rawClient();
    await other.initialize();
    const begun = (await opened.ask("mcpServer/oauth/login", { name: "web", timeoutSecs: 30 })) as {
      authorizationUrl: string;
      loginId: string;
    };
    expect(await (await fetch(begun.authorizationUrl)).text()).toBe(
      "Authentication complete. You may close this window.",
    );
    for (const client of [opened.client, other]) {
      await until(() => client.named("mcpServer/oauthLogin/completed").length === 1);
      expect(client.named("mcpServer/oauthLogin/completed")).toMatchObject([
        { params: { name: "web", success: true, error: null, threadId: null, loginId: begun.loginId } },
      ]);
    }
    expect(await readFile(join(opened.host.codexHome, ".credentials.json"), "utf8")).toContain("a-token");
    expect(await opened.ask("mcpServerStatus/list", {})).toMatchObject({
      data: [{ authStatus: "oAuth", httpOrigin: server.origin }],
    });
  });

  test("is found by threads whose server wanted it, whoever has made it", async () => {
    await using server = await SignInServer.open();
    await using opened = await openServices(`${PATIENT}[mcp_servers.web]\nurl = "${server.url}"\n`);
    await using mcp = opened.services.mcp.open({ threadId: THREAD, cwd: opened.host.cwd });
    const status = () => opened.ask("mcpServerStatus/list", { threadId: THREAD });
    expect(await status()).toMatchObject({
      data: [
        {
          authStatus: "notLoggedIn",
          runtimeStatus: "authenticationRequired",
          toolsError: "The web MCP server is not logged in. Run `holdfast mcp login web`.",
        },
      ],
    });
    const before = await mcp.ready();
    expect(await mcp.ready()).toBe(before);
    // As another program does it.
    await using other = await openServices(`[mcp_servers.web]\nurl = "${server.url}"\n`);
    const { authorizationUrl } = (await other.ask("mcpServer/oauth/login", { name: "web" })) as {
      authorizationUrl: string;
    };
    await fetch(authorizationUrl);
    await until(() => other.client.named("mcpServer/oauthLogin/completed").length === 1);
    const [from, to] = [other, opened].map(({ host }) => join(host.codexHome, ".credentials.json")) as [string, string];
    await copyFile(from, to);
    expect(await status()).toMatchObject({
      data: [{ authStatus: "oAuth", runtimeStatus: "connected", toolsError: null }],
    });
  });

  test("is finished by a pasted address where the browser is on another machine", async () => {
    await using server = await SignInServer.open();
    const config = `model = "m"\n[mcp_servers.web]\nurl = "${server.url}"\n`;
    await using opened = await openServices(config, { variables: { SSH_CONNECTION: "10.0.0.2 1 10.0.0.1 22" } });
    const { client } = opened;
    const { thread } = (await opened.ask("thread/start", {})) as { thread: { id: string } };
    const login = { name: "web", threadId: thread.id };
    const { authorizationUrl } = (await opened.ask("mcpServer/oauth/login", login)) as { authorizationUrl: string };
    const asked = () => client.named("mcpServer/elicitation/request");
    const paste = async (address: string): Promise<void> => {
      const count = asked().length;
      client.send({ id: asked().at(-1)?.id, result: { action: "accept", content: { address }, _meta: null } });
      await until(() => asked().length > count || client.named("mcpServer/oauthLogin/completed").length > 0);
    };
    await until(() => asked().length === 1);
    expect(asked()[0]?.params).toMatchObject({ threadId: thread.id, serverName: "web", mode: "form" });
    await paste("http://127.0.0.1/somewhere-else");
    expect(asked()[1]?.params).toMatchObject({ message: expect.stringMatching(/^That is not the address/) });
    // What the browser shows that could not open it.
    const { headers } = await fetch(authorizationUrl, { redirect: "manual" });
    await paste(` ${headers.get("location")} `);
    expect(client.named("mcpServer/oauthLogin/completed")).toMatchObject([{ params: { ...login, success: true } }]);
    expect(asked()).toHaveLength(2);
  });

  test("asks for no address once the browser has come back", async () => {
    await using server = await SignInServer.open();
    const config = `model = "m"\n[mcp_servers.web]\nurl = "${server.url}"\n`;
    await using opened = await openServices(config, { variables: { SSH_CONNECTION: "10.0.0.2 1 10.0.0.1 22" } });
    const { thread } = (await opened.ask("thread/start", {})) as { thread: { id: string } };
    const login = { name: "web", threadId: thread.id };
    const { authorizationUrl } = (await opened.ask("mcpServer/oauth/login", login)) as { authorizationUrl: string };
    await fetch(authorizationUrl);
    await until(() => opened.client.named("mcpServer/oauthLogin/completed").length === 1);
    await until(() => opened.client.named("serverRequest/resolved").length === 1);
    expect(opened.services.questions.size).toBe(0);
  });

  test("that the user never finishes is over in time, and with the server", async () => {
    await using server = await SignInServer.open();
    await using opened = await openServices(`[mcp_servers.web]\nurl = "${server.url}"\n`);
    await opened.ask("mcpServer/oauth/login", { name: "web", timeoutSecs: 0 });
    await until(() => opened.client.named("mcpServer/oauthLogin/completed").length === 1);
    expect(opened.client.named("mcpServer/oauthLogin/completed")).toMatchObject([
      { params: { success: false, error: expect.stringMatching(/^failed to login to MCP server 'web': /) } },
    ]);
    // Left open: what listens for it must not outlive the host.
    await opened.ask("mcpServer/oauth/login", { name: "web" });
  });

  test("is refused where there is none", async () => {
    await using opened = await openServices(`${stub("stub")}[mcp_servers.web]\nurl = "http://127.0.0.1:1/mcp"\n`);
    const login = (params: object) => opened.ask("mcpServer/oauth/login", params);
    const refused = (message: string) => ({ error: { code: -32600, message } });
    expect(await login({ name: "stub" })).toEqual(
      refused("OAuth login is only supported for streamable HTTP servers."),
    );
    expect(await login({ name: "nope" })).toEqual(refused("No MCP server named 'nope' found."));
    expect(await login({ name: "stub", environmentId: "remote" })).toEqual(
      refused("No MCP server named 'stub (environment remote)' found."),
    );
    expect(await login({ name: "web", threadId: OTHER })).toEqual(refused(`thread not found: ${OTHER}`));
    expect(await login({ name: "web" })).toMatchObject({
      error: { code: -32603, message: expect.stringMatching(/^failed to login to MCP server 'web': /) },
    });
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
