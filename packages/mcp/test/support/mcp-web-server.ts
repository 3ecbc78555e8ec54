import { randomUUID } from "node:crypto";
import { McpServer, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { z } from "zod";
import { type WebHandler, WebServer } from "./web-server.ts";

export interface McpWebServerOptions {
  /** Issuer of the tokens that it asks for. Default: it asks for none. */
  readonly issuer?: string;
  /** Whether it says where its metadata is. Default true. */
  readonly challenges?: boolean;
  /** Whether it has metadata of its own. Default true. */
  readonly metadata?: boolean;
  /** Answers before it does. */
  readonly before?: (request: Request) => Response | Promise<Response> | undefined;
  /** Scope that the challenge of a 401 names. */
  readonly scope?: string;
  readonly port?: number;
}

/** An MCP server by Streamable HTTP at `/mcp`, with sessions that it can forget. */
export class McpWebServer implements AsyncDisposable {
  readonly web: WebServer;
  readonly #sessions: Map<string, WebStandardStreamableHTTPServerTransport>;

  private constructor(web: WebServer, sessions: Map<string, WebStandardStreamableHTTPServerTransport>) {
    this.web = web;
    this.#sessions = sessions;
  }

  static async open(options: McpWebServerOptions = {}): Promise<McpWebServer> {
    const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
    const web = await WebServer.open((url) => handlerOf(url, sessions, options), options.port);
    return new McpWebServer(web, sessions);
  }

  get url(): string {
    return `${this.web.url}/mcp`;
  }

  get sessions(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /** As after a restart. */
  forgetSessions(): void {
    for (const transport of this.#sessions.values()) void transport.close();
    this.#sessions.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.forgetSessions();
    await this.web[Symbol.asyncDispose]();
  }
}

function handlerOf(
  url: string,
  sessions: Map<string, WebStandardStreamableHTTPServerTransport>,
  options: McpWebServerOptions,
): WebHandler {
  const metadataUrl = `${url}/.well-known/oauth-protected-resource/mcp`;
  const isAllowed = authorizerOf(`${url}/mcp`, options.issuer);
  return async (request) => {
    const early = await options.before?.(request);
    if (early !== undefined) return early;
    const { pathname } = new URL(request.url);
    if (`${url}${pathname}` === metadataUrl && options.issuer !== undefined && options.metadata !== false) {
      return Response.json({
        resource: `${url}/mcp`,
        authorization_servers: [options.issuer],
        scopes_supported: ["read", "write"],
      });
    }
    if (pathname !== "/mcp") return new Response("not here", { status: 404 });
    if (!(await isAllowed(request))) {
      const scope = options.scope === undefined ? "" : `, scope="${options.scope}"`;
      const challenge = options.challenges === false ? "Bearer" : `Bearer resource_metadata="${metadataUrl}"${scope}`;
      return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    }
    return await session(request, sessions);
  };
}

async function session(
  request: Request,
  sessions: Map<string, WebStandardStreamableHTTPServerTransport>,
): Promise<Response> {
  const id = request.headers.get("mcp-session-id");
  if (id !== null) {
    const known = sessions.get(id);
    return known === undefined ? new Response("no such session", { status: 404 }) : await known.handleRequest(request);
  }
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (sessionId) => void sessions.set(sessionId, transport),
    onsessionclosed: (sessionId) => void sessions.delete(sessionId),
  });
  await serverOf().connect(transport);
  return await transport.handleRequest(request);
}

function authorizerOf(audience: string, issuer: string | undefined): (request: Request) => Promise<boolean> {
  if (issuer === undefined) return async () => true;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  return async (request) => {
    const token = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (token === undefined) return false;
    return await jwtVerify(token, keys, { issuer, audience }).then(
      () => true,
      () => false,
    );
  };
}

/** A server with a few tools. */
function serverOf(): McpServer {
  const server = new McpServer({ name: "test-server", version: "1.0.0" });
  server.registerTool("echo", { inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({
    content: [{ type: "text", text }],
  }));
  server.registerTool("long", { inputSchema: z.object({ bytes: z.number() }) }, ({ bytes }) => ({
    content: [{ type: "text", text: "x".repeat(bytes) }],
  }));
  server.registerTool("never", { inputSchema: z.object({}) }, () => new Promise(() => {}));
  server.registerTool("progress", { inputSchema: z.object({ steps: z.number() }) }, async ({ steps }, context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (let progress = 1; progress <= steps && progressToken !== undefined; progress += 1) {
      await context.mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken, progress, total: steps },
      });
    }
    return { content: [{ type: "text", text: "done" }] };
  });
  return server;
}
