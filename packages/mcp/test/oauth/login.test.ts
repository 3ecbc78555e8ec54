import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import {
  CredentialFile,
  HttpOpener,
  type HttpServerOptions,
  McpAuth,
  type McpAuthOptions,
  type McpServerConfig,
  type McpServerStatus,
  type McpServers,
  mcpServer,
  type StoredCredentials,
} from "../../src/index.ts";
import { signIn } from "../support/browser.ts";
import { freePort } from "../support/free-port.ts";
import { McpWebServer, type McpWebServerOptions } from "../support/mcp-web-server.ts";
import { OAuthServer, type OAuthServerOptions } from "../support/oauth-server.ts";
import { PLACEMENTS, type Placement, placed } from "../support/placed.ts";
import type { Places } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";

/** A server that wants a login, the authorization server that it names, and a folder for what comes of it. */
class Protected implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly places: Places;
  readonly as: OAuthServer;
  readonly mcp: McpWebServer;
  readonly server: McpServerConfig;
  readonly folder: string;

  private constructor(
    stack: AsyncDisposableStack,
    parts: Pick<Protected, "places" | "as" | "mcp" | "server" | "folder">,
  ) {
    this.#stack = stack;
    this.places = parts.places;
    this.as = parts.as;
    this.mcp = parts.mcp;
    this.server = parts.server;
    this.folder = parts.folder;
  }

  static async open(
    placement: Placement = "here",
    options: {
      readonly as?: OAuthServerOptions;
      readonly mcp?: McpWebServerOptions;
      readonly server?: Partial<HttpServerOptions>;
    } = {},
  ): Promise<Protected> {
    const stack = new AsyncDisposableStack();
    const { places, environmentId } = await placed(placement);
    stack.use(places);
    const as = stack.use(await OAuthServer.open(options.as));
    const mcp = stack.use(await McpWebServer.open({ issuer: as.issuer, ...options.mcp }));
    const folder = stack.use(await tempDir()).path;
    const server = mcpServer("web", { url: mcp.url, environmentId, ...options.server });
    return new Protected(stack, { places, as, mcp, server, folder });
  }

  get file(): string {
    return `${this.folder}/.credentials.json`;
  }

  /** As a program that has just started has it. */
  auth(options: Partial<McpAuthOptions> = {}): McpAuth {
    return new McpAuth({ environments: this.places, store: new CredentialFile(this.folder), ...options });
  }

  async login(options: Partial<McpAuthOptions> = {}): Promise<void> {
    const login = await this.auth(options).login(this.server);
    const back = await signIn(login.authorizationUrl, redirectOf(login.authorizationUrl));
    await fetch(back);
    await login.completed;
  }

  get stored(): StoredCredentials {
    const [entry] = Object.values(JSON.parse(readFileSync(this.file, "utf8")) as Record<string, StoredCredentials>);
    if (entry === undefined) throw new Error("nothing is stored");
    return entry;
  }

  /** Change what is stored, as time and others do. */
  store(change: Partial<StoredCredentials>): void {
    const entries = JSON.parse(readFileSync(this.file, "utf8")) as Record<string, StoredCredentials>;
    const changed = Object.entries(entries).map(([key, entry]) => [key, { ...entry, ...change }]);
    writeFileSync(this.file, JSON.stringify(Object.fromEntries(changed)));
  }

  servers(statuses: McpServerStatus[] = [], auth = this.auth()): McpServers {
    const http = new HttpOpener({ environments: this.places, variables: {}, auth });
    return mcpServers({ environments: this.places, http, onStatus: (status) => statuses.push(status) });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

function redirectOf(authorizationUrl: string): string {
  return new URL(authorizationUrl).searchParams.get("redirect_uri") ?? "";
}

async function callEcho(servers: McpServers): Promise<unknown> {
  return (await servers.current.callTool("web", "echo", { text: "hi" })).content;
}

const HI = [{ type: "text", text: "hi" }];

describe.each(PLACEMENTS)("a login to a server that is reached from %s", (placement) => {
  test("asks in the order that the servers expect, and keeps what comes of it", async () => {
    await using all = await Protected.open(placement);
    const login = await all.auth().login(all.server);
    const asked = new URL(login.authorizationUrl).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      scope: "read write offline_access",
      resource: all.mcp.url,
    });
    const redirect = redirectOf(login.authorizationUrl);
    expect(redirect).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback\/[\w-]{12}$/);
    const back = await signIn(login.authorizationUrl, redirect);
    const reply = await fetch(back);
    expect([reply.status, await reply.text()]).toEqual([200, "Authentication complete. You may close this window."]);
    await login.completed;

    expect(all.mcp.web.trail).toEqual(["GET /mcp", "GET /.well-known/oauth-protected-resource/mcp"]);
    for (const { headers } of all.mcp.web.seen) expect(headers.get("mcp-protocol-version")).toBe("2024-11-05");
    const [metadata, registration, ...others] = all.as.trail;
    expect([metadata, registration, others.at(-1)]).toEqual([
      "GET /.well-known/oauth-authorization-server",
      "POST /reg",
      "POST /token",
    ]);
    expect(JSON.parse(all.as.seen[1]?.body ?? "")).toEqual({
      client_name: "Holdfast",
      redirect_uris: [redirect],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "none",
      response_types: ["code"],
      scope: "read write offline_access",
      application_type: "native",
    });
    const [token] = all.as.tokenRequests;
    expect([...(token?.keys() ?? [])].sort()).toEqual([
      "client_id",
      "code",
      "code_verifier",
      "grant_type",
      "redirect_uri",
      "resource",
    ]);
    expect(token?.get("resource")).toBe(all.mcp.url);

    expect(statSync(all.file).mode & 0o777).toBe(0o600);
    const isFar = placement === "far";
    const name = isFar ? "executor:ZmFy:d2Vi" : "web";
    const [key] = Object.keys(JSON.parse(readFileSync(all.file, "utf8")));
    expect(key?.startsWith(`${name}|`)).toBe(true);
    expect(all.stored).toMatchObject({
      server_name: name,
      server_url: all.mcp.url,
      issuer: all.as.issuer,
      scopes: ["read", "write"],
      refresh_token: expect.any(String),
      ...(isFar ? { executor_owned: true } : {}),
    });
    const hourMs = 3_600_000;
    expect(Math.abs((all.stored.expires_at ?? 0) - Date.now() - hourMs)).toBeLessThan(60_000);
  });

  test("lets the server be used, by this program and by the next", async () => {
    await using all = await Protected.open(placement);
    const statuses: McpServerStatus[] = [];
    await using before = all.servers(statuses);
    await (await before.refresh([all.server])).started();
    expect(statuses.at(-1)?.error).toMatch(/^The web MCP server is not logged in\. /);
    expect(await all.auth().status(all.server)).toBe("notLoggedIn");
    await all.login();
    expect(await all.auth().status(all.server)).toBe("oAuth");
    await using servers = all.servers();
    await (await servers.refresh([all.server])).started();
    expect(await callEcho(servers)).toEqual(HI);
    expect(all.as.tokenRequests).toHaveLength(1);
  });

  test("finds metadata behind redirects, and says nothing of what is too long", async () => {
    const metadata = "/.well-known/oauth-protected-resource/mcp";
    const moved = `${metadata}?moved`;
    let body: string | undefined;
    await using all = await Protected.open(placement, {
      mcp: {
        before: ({ url }) => {
          const { pathname, search } = new URL(url);
          if (pathname !== metadata) return undefined;
          if (search === "") return new Response(null, { status: 307, headers: { location: moved } });
          return body === undefined ? undefined : new Response(body);
        },
      },
    });
    const login = await all.auth().login(all.server);
    login.cancel();
    expect(all.mcp.web.trail).toEqual(["GET /mcp", `GET ${metadata}`, `GET ${moved}`]);
    body = " ".repeat(1_048_577);
    await expect(all.auth().login(all.server)).rejects.toThrow("OAuth HTTP response body exceeds 1048576 bytes");
    expect(await all.auth().status(all.server)).toBe("unknown");
  });

  test("is refreshed once before it is used, however many use it", async () => {
    await using all = await Protected.open(placement);
    await all.login();
    const { client_id, refresh_token, access_token } = all.stored;
    all.store({ expires_at: Date.now() + 1_000 });
    const programs = [all.servers(), all.servers(), all.servers()];
    const managers = await Promise.all(programs.map((servers) => servers.refresh([all.server])));
    await Promise.all(managers.map((manager) => manager.started()));
    expect(await Promise.all(programs.map(callEcho))).toEqual([HI, HI, HI]);
    expect(all.as.tokenRequests).toHaveLength(2);
    expect(Object.fromEntries(all.as.tokenRequests[1] ?? [])).toEqual({
      grant_type: "refresh_token",
      refresh_token,
      scope: "read write",
      client_id,
      resource: all.mcp.url,
    });
    expect(all.stored.refresh_token).not.toBe(refresh_token);
    expect(all.stored.access_token).not.toBe(access_token);
    await Promise.all(programs.map((servers) => servers.shutdown()));
  });
});

describe("a login", () => {
  test("is found again under the key that releases of Codex use", async () => {
    await using all = await Protected.open();
    await all.login();
    const place = `{"type":"http","url":"${all.mcp.url}","headers":{}}`;
    const hash = createHash("sha256").update(place).digest("hex").slice(0, 16);
    expect(Object.keys(JSON.parse(readFileSync(all.file, "utf8")))).toEqual([`web|${hash}`]);
  });

  test("of a token that the server does not take any more is refreshed by many calls at a time once", async () => {
    await using all = await Protected.open();
    await all.login();
    await using servers = all.servers();
    await (await servers.refresh([all.server])).started();
    // A token of before, which is no longer one.
    all.store({ access_token: "spent" });
    await using others = all.servers();
    await (await others.refresh([all.server])).started();
    expect(await Promise.all(Array.from({ length: 5 }, () => callEcho(others)))).toEqual(Array(5).fill(HI));
    expect(all.as.tokenRequests).toHaveLength(2);
    expect(await callEcho(servers)).toEqual(HI);
  });

  test("whose refresh token was used by somebody else is over, and not tried again", async () => {
    await using all = await Protected.open();
    await all.login();
    const spent = all.stored;
    all.store({ expires_at: 1 });
    await using first = all.servers();
    await (await first.refresh([all.server])).started();
    all.store({ ...spent, expires_at: 1 });
    const statuses: McpServerStatus[] = [];
    await using second = all.servers(statuses);
    await (await second.refresh([all.server])).started();
    expect(statuses.at(-1)?.error).toMatch(/^The web MCP server is not logged in\. /);
    const requests = all.as.tokenRequests.length;
    expect(all.stored.refresh_token).toBeUndefined();
    await (await second.refresh([mcpServer("web", { ...httpOptions(all), toolTimeoutMs: 1_000 })])).started();
    expect(all.as.tokenRequests).toHaveLength(requests);
    expect(await all.auth().status(all.server)).toBe("notLoggedIn");
  });

  test("is not used for a server with another authorization server than the one that gave it", async () => {
    await using all = await Protected.open();
    await all.login();
    all.store({ expires_at: 1, issuer: "https://other.example" });
    const statuses: McpServerStatus[] = [];
    await using servers = all.servers(statuses);
    await (await servers.refresh([all.server])).started();
    expect(statuses.at(-1)?.error).toMatch(/^The web MCP server is not logged in\. /);
    expect(all.as.tokenRequests).toHaveLength(1);
  });

  test("waits on, whatever else comes to its port", async () => {
    await using all = await Protected.open();
    const login = await all.auth().login(all.server);
    const redirect = redirectOf(login.authorizationUrl);
    const back = await signIn(login.authorizationUrl, redirect);
    const wrongState = new URL(back);
    wrongState.searchParams.set("state", "guessed");
    const noise = [
      redirect,
      `${redirect}?code=x`,
      wrongState,
      `${redirect}?error=access_denied`,
      new URL("/callback", redirect),
      new URL("/favicon.ico", redirect),
      new URL(`/other${back.search}`, redirect),
    ];
    for (const each of noise) {
      const reply = await fetch(each);
      expect([reply.status, await reply.text()]).toEqual([400, "Invalid OAuth callback"]);
    }
    expect((await fetch(back, { method: "POST" })).status).toBe(400);
    expect((await fetch(back)).status).toBe(200);
    await login.completed;
    expect(all.as.tokenRequests).toHaveLength(1);
    await expect(fetch(back)).rejects.toThrow();
  });

  test("that the user refuses says what the provider said", async () => {
    await using all = await Protected.open();
    const login = await all.auth().login(all.server);
    const back = new URL(redirectOf(login.authorizationUrl));
    const state = new URL(login.authorizationUrl).searchParams.get("state") ?? "";
    const description = "not\u001b[31m you\nat all";
    back.search = String(
      new URLSearchParams({ error: "access_denied", error_description: description, state, iss: all.as.issuer }),
    );
    const reply = await fetch(back);
    const words = "OAuth provider returned `access_denied`: not [31m you at all";
    expect([reply.status, await reply.text()]).toEqual([400, words]);
    await expect(login.completed).rejects.toMatchObject({ code: "denied", message: words });
  });

  test("does not take a code, nor words, of another authorization server", async () => {
    await using all = await Protected.open();
    for (const answer of [{ code: "x" }, { error: "evil words" }]) {
      const login = await all.auth().login(all.server);
      const back = new URL(redirectOf(login.authorizationUrl));
      const state = new URL(login.authorizationUrl).searchParams.get("state") ?? "";
      back.search = String(new URLSearchParams({ ...answer, state, iss: "https://evil.example" } as never));
      await fetch(back);
      await expect(login.completed).rejects.toThrow("the browser was sent back by another authorization server");
    }
    expect(all.as.tokenRequests).toEqual([]);
  });

  test("can be brought to its end by hand, where the browser is elsewhere", async () => {
    await using all = await Protected.open();
    const login = await all.auth().login(all.server);
    const back = await signIn(login.authorizationUrl, redirectOf(login.authorizationUrl));
    await expect(login.finish("nonsense")).rejects.toThrow("this is not the address");
    await expect(login.finish(`${back.origin}${back.pathname}?code=x&state=y`)).rejects.toThrow("not the address");
    await login.finish(` ${back.href}\n`);
    expect(all.stored.access_token).toEqual(expect.any(String));
  });

  test("comes back to the port and the address that were asked for", async () => {
    await using all = await Protected.open();
    const port = await freePort();
    const byPort = await all.auth({ redirect: { port } }).login(all.server);
    expect(redirectOf(byPort.authorizationUrl)).toMatch(
      new RegExp(`^http://127\\.0\\.0\\.1:${port}/callback/[\\w-]{12}$`),
    );
    const taken = all.auth({ redirect: { port } }).login(all.server);
    await expect(taken).rejects.toMatchObject({
      code: "callback",
      message: `port ${port} can not be listened on for the browser to come back to: EADDRINUSE`,
    });
    byPort.cancel();
    await expect(byPort.completed).rejects.toMatchObject({ code: "cancelled" });
    const url = "https://box.example/back?to=me";
    const byUrl = await all.auth({ redirect: { url, port } }).login(all.server);
    const redirect = redirectOf(byUrl.authorizationUrl);
    expect(redirect).toMatch(/^https:\/\/box\.example\/back\/[\w-]{12}\?to=me$/);
    const back = await signIn(byUrl.authorizationUrl, redirect);
    // What the proxy there does.
    expect((await fetch(new URL(back.pathname + back.search, `http://127.0.0.1:${port}`))).status).toBe(200);
    await byUrl.completed;
  });

  test.each([
    [{ port: 0 }, "invalid MCP OAuth callback port `0`: port must be between 1 and 65535"],
    [{ port: 65_536 }, "invalid MCP OAuth callback port `65536`: port must be between 1 and 65535"],
    [{ url: "nonsense" }, "invalid MCP OAuth callback URL"],
    [{ url: "file:///x" }, "invalid MCP OAuth callback URL"],
  ])("does not begin with %j", async (redirect, message) => {
    await using all = await Protected.open();
    await expect(all.auth({ redirect }).login(all.server)).rejects.toThrow(message);
    expect(all.mcp.web.seen).toEqual([]);
  });

  test("by a client that was registered by hand registers none, and has the place that was said there", async () => {
    const port = await freePort();
    const client = {
      client_id: "by-hand",
      client_secret: "a secret of tests",
      token_endpoint_auth_method: "client_secret_basic",
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
    };
    await using all = await Protected.open("here", {
      as: { clients: [client], registration: false },
      server: { oauthClientId: "by-hand", oauthClientSecret: "a secret of tests" },
    });
    await all.login({ redirect: { port } });
    expect(all.as.trail).not.toContain("POST /reg");
    expect(all.stored).toMatchObject({ client_id: "by-hand", client_secret: "a secret of tests" });
    all.store({ expires_at: 1 });
    await using servers = all.servers();
    await (await servers.refresh([all.server])).started();
    expect(await callEcho(servers)).toEqual(HI);
  });

  test("says what to do where no client can be registered", async () => {
    await using all = await Protected.open("here", { as: { registration: false } });
    await expect(all.auth().login(all.server)).rejects.toMatchObject({
      code: "registration",
      message: "the authorization server registers no clients by itself; register one by hand and set oauth.client_id",
    });
  });

  test("asks for what it is told to, or the server, before all that there is", async () => {
    await using all = await Protected.open("here", { mcp: { scope: "read" } });
    const scopeOf = async (server: McpServerConfig, scopes?: readonly string[]): Promise<string | null> => {
      const login = await all.auth().login(server, { scopes });
      login.cancel();
      return new URL(login.authorizationUrl).searchParams.get("scope");
    };
    expect(await scopeOf(all.server)).toBe("read offline_access");
    const configured = mcpServer("web", { ...httpOptions(all), scopes: ["write"] });
    expect(await scopeOf(configured)).toBe("write");
    expect(await scopeOf(configured, ["read", "write"])).toBe("read write");
    expect(await scopeOf(configured, [])).toBeNull();
  });

  test("is given up in time, when it is told to, and by its signal", async () => {
    await using all = await Protected.open();
    const clock = new FakeClock();
    const login = await all.auth({ clock }).login(all.server, { timeoutMs: 60_000 });
    await clock.advance(60_000);
    await expect(login.completed).rejects.toMatchObject({ code: "timeout", message: "nobody signed in within 60 s" });
    const stop = new AbortController();
    const other = await all.auth().login(all.server, { signal: stop.signal });
    stop.abort();
    await expect(other.completed).rejects.toMatchObject({ code: "cancelled" });
    for (const each of [login, other]) await expect(fetch(redirectOf(each.authorizationUrl))).rejects.toThrow();
  });

  test("is forgotten by a logout, and others stay", async () => {
    await using all = await Protected.open();
    await all.login();
    const entries = JSON.parse(readFileSync(all.file, "utf8")) as Record<string, unknown>;
    writeFileSync(all.file, JSON.stringify({ ...entries, "other|0": { of: "somebody else" } }));
    expect(await all.auth().logout(all.server)).toBe(true);
    expect(await all.auth().logout(all.server)).toBe(false);
    expect(JSON.parse(readFileSync(all.file, "utf8"))).toEqual({ "other|0": { of: "somebody else" } });
  });

  test("can not be had of a process, nor of a server that knows none", async () => {
    await using all = await Protected.open();
    const auth = all.auth();
    await expect(auth.login(mcpServer("p", { command: "a" }))).rejects.toThrow(
      "OAuth login is only supported for streamable HTTP servers.",
    );
    expect(await auth.status(mcpServer("p", { command: "a" }))).toBe("unsupported");
    await using open = await McpWebServer.open();
    const server = mcpServer("open", { url: open.url });
    await expect(auth.login(server)).rejects.toThrow("the server does not say how to sign in");
    expect(await auth.status(server)).toBe("unsupported");
    expect(await auth.status(mcpServer("b", { url: open.url, bearerTokenEnvVar: "T" }))).toBe("bearerToken");
    expect(await auth.status(mcpServer("c", { url: open.url, httpHeaders: { Authorization: "x" } }))).toBe(
      "bearerToken",
    );
    expect(await auth.status(mcpServer("d", { url: `http://127.0.0.1:${await freePort()}/mcp` }))).toBe("unknown");
  });

  test("tells no token, code or secret in any error", async () => {
    await using all = await Protected.open();
    await all.login();
    const { access_token, refresh_token } = all.stored;
    all.store({ expires_at: 1 });
    await all.as[Symbol.asyncDispose]();
    const statuses: McpServerStatus[] = [];
    await using servers = all.servers(statuses);
    await (await servers.refresh([all.server])).started();
    await until(() => statuses.some(({ state }) => state === "failed"));
    const text = JSON.stringify(statuses);
    expect(text).toContain("MCP startup failed");
    expect(text).not.toContain(access_token);
    expect(text).not.toContain(refresh_token);
  });
});

function httpOptions({ server }: Protected): HttpServerOptions {
  if (server.transport.kind !== "http") throw new Error("not reached by HTTP");
  return { url: server.transport.url };
}
