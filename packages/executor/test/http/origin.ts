import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request looked like to the origin. */
export interface Seen {
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** A web server on loopback. `/echo` tells what it got; other paths are given. */
export class Origin implements AsyncDisposable {
  readonly #server: Server;

  private constructor(routes: Readonly<Record<string, Route>>) {
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://origin");
      const route = routes[url.pathname] ?? (url.pathname === "/echo" ? echo : undefined);
      if (route === undefined) response.writeHead(404).end();
      else route(request, response, url);
    });
  }

  static async with(routes: Readonly<Record<string, Route>> = {}): Promise<Origin> {
    const origin = new Origin(routes);
    origin.#server.listen(0, "127.0.0.1");
    await once(origin.#server, "listening");
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Sockets of clients that are open now. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const seen: Seen = {
      method: request.method ?? "",
      headers: request.rawHeaders,
      body: Buffer.concat(chunks).toString("utf8"),
    };
    response.end(JSON.stringify(seen));
  });
}

/** Answers with a redirect: `?c=STATUS&to=LOCATION`. */
export const redirect: Route = (_, response, url) => {
  response.writeHead(Number(url.searchParams.get("c")), { location: url.searchParams.get("to") ?? "/echo" }).end();
};
