import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An MCP server on loopback without tools that wants a login, and gives one to everybody who comes with a browser. */
export class SignInServer implements AsyncDisposable {
  readonly origin: string;
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.url = `${this.origin}/mcp`;
  }

  static async open(): Promise<SignInServer> {
    const server = createServer((request, response) => answer(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SignInServer(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const origin = `http://${request.headers.host}`;
  const url = new URL(request.url ?? "/", origin);
  const json = (status: number, value: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
  const document = documentAt(url.pathname, origin);
  if (document !== undefined) json(200, document);
  else if (url.pathname === "/register") {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => json(201, { ...JSON.parse(Buffer.concat(chunks).toString()), client_id: "a-client" }));
  } else if (url.pathname === "/authorize") {
    const back = new URL(url.searchParams.get("redirect_uri") ?? origin);
    back.searchParams.set("code", "a-code");
    back.searchParams.set("state", url.searchParams.get("state") ?? "");
    response.writeHead(302, { location: back.href }).end();
  } else if (url.pathname === "/mcp" && request.headers.authorization === "Bearer a-token") {
    answerMcp(request, response);
  } else {
    const challenge = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
    response.writeHead(url.pathname === "/mcp" ? 401 : 404, { "www-authenticate": challenge }).end();
  }
}

function answerMcp(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (request.method !== "POST") return response.writeHead(405).end();
    const { id, params } = JSON.parse(Buffer.concat(chunks).toString());
    if (id === undefined) return response.writeHead(202).end();
    const serverInfo = { name: "web", version: "1.0.0" };
    const result = { protocolVersion: params.protocolVersion, capabilities: {}, serverInfo };
    response.writeHead(200, { "content-type": "application/json" });
    return response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  });
}

function documentAt(path: string, origin: string): unknown {
  switch (path) {
    case "/.well-known/oauth-protected-resource/mcp":
      return { resource: `${origin}/mcp`, authorization_servers: [origin] };
    case "/.well-known/oauth-authorization-server":
      return {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        response_types_supported: ["code"],
        code_challenge_methods_supported: ["S256"],
      };
    case "/token":
      return { access_token: "a-token", token_type: "Bearer", expires_in: 3_600, refresh_token: "another" };
    default:
      return undefined;
  }
}
