import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

/** One request that came in. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export type WebHandler = (request: Request) => Response | Promise<Response>;

/** An HTTP server on loopback that is a function of requests, and remembers them. */
export class WebServer implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param handler - Given where it is served, makes what answers. */
  static async open(makeHandler: (url: string) => WebHandler | Promise<WebHandler>, port = 0): Promise<WebServer> {
    let handler: WebHandler | undefined;
    const server = createServer((request, response) => {
      void answer(opened, handler, request, response);
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const opened = new WebServer(server);
    handler = await makeHandler(opened.url);
    return opened;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Method and path of all requests so far, in their order. */
  get trail(): readonly string[] {
    return this.seen.map(({ method, path }) => `${method} ${path}`);
  }

  /** Cut all connections; the server goes on. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

async function answer(
  server: WebServer,
  handler: WebHandler | undefined,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const each of [value ?? []].flat()) headers.append(name, each);
  }
  const { method = "GET", url: path = "/" } = incoming;
  server.seen.push({ method, path, headers, body: body.toString() });
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(new URL(path, server.url), {
    method,
    headers,
    signal: gone.signal,
    ...(hasBody ? { body } : {}),
  });
  const response = (await handler?.(request)) ?? new Response(null, { status: 503 });
  const fields: Record<string, string | string[]> = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) fields["set-cookie"] = cookies;
  outgoing.writeHead(response.status, fields);
  if (response.body === null) return void outgoing.end();
  outgoing.flushHeaders();
  const source = Readable.fromWeb(response.body as never);
  source.on("error", () => outgoing.destroy());
  outgoing.on("close", () => source.destroy());
  source.pipe(outgoing);
}
