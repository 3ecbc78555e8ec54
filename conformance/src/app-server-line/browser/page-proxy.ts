import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A site with one page, and the way from it to an app server. Both end when disposed. */
export interface PageProxy extends AsyncDisposable {
  readonly origin: string;
  /** Where the page connects to. */
  readonly webSocketUrl: string;
  /** What the page posted, as JSON. */
  readonly posted: Promise<unknown>;
  /** The origins of the websockets that were let through. */
  readonly origins: readonly string[];
}

/**
 * What stands between pages and an app server, which refuses whatever says where it comes from, and takes its token in a header: the one is taken away, the
 * other added, and only this site's own pages are let through.
 */
export async function serveThroughProxy(
  page: (webSocketUrl: string) => string,
  serverUrl: string,
  token: string,
): Promise<PageProxy> {
  const origins: string[] = [];
  const { promise: posted, resolve } = Promise.withResolvers<unknown>();
  const site = createServer(async (request, response) => {
    if (request.method !== "POST") {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(page(webSocketUrl()));
      return;
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    resolve(JSON.parse(text));
    response.end();
  });
  const origin = (): string => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const webSocketUrl = (): string => `${origin().replace("http:", "ws:")}/app-server`;
  site.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.headers.origin !== origin()) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    origins.push(request.headers.origin);
    const { hostname, port } = new URL(serverUrl);
    const far = connect(Number(port), hostname, () => {
      far.write(`${upgradeOf(request, `${hostname}:${port}`, token)}\r\n\r\n`);
      far.write(head);
      socket.pipe(far).pipe(socket);
    });
    const endBoth = (): void => {
      far.destroy();
      socket.destroy();
    };
    for (const end of [socket, far]) end.on("error", endBoth);
  });
  await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
  return {
    origin: origin(),
    webSocketUrl: webSocketUrl(),
    posted,
    origins,
    [Symbol.asyncDispose]: async () => {
      site.closeAllConnections();
      await new Promise((done) => site.close(done));
    },
  };
}

function upgradeOf({ headers }: IncomingMessage, host: string, token: string): string {
  const names = ["upgrade", "connection", "sec-websocket-key", "sec-websocket-version"];
  const lines = names.map((name) => `${name}: ${headers[name]}`);
  return ["GET / HTTP/1.1", `host: ${host}`, `authorization: Bearer ${token}`, ...lines].join("\r\n");
}
