import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BadLine } from "@holdfast/testkit";

/**
 * What one side of a join takes for the relay. Its calls are handed on, and the URL of its socket, which stands in an answer, is led over a line
 * of its own that can be cut.
 */
export class RelayFront implements AsyncDisposable {
  /** The sockets of this side. */
  readonly line: BadLine;
  /** Paths that were called so far. */
  readonly calls: string[] = [];
  readonly #server: Server;

  private constructor(relay: URL, line: BadLine, awayStatus: number | undefined) {
    this.line = line;
    this.#server = createServer((asked, answer) => {
      this.calls.push(asked.url ?? "");
      this.#handOn(relay, asked, answer).catch(() => {
        if (awayStatus === undefined || answer.headersSent) answer.destroy();
        else answer.writeHead(awayStatus).end();
      });
    });
  }

  /**
   * @param relay - Base URL of the relay; its port stays the same when it is started again.
   * @param awayStatus - What calls are answered while the relay is away, as a proxy in front of it does. Without one they are hung up on.
   */
  static async to(relay: string, awayStatus?: number): Promise<RelayFront> {
    const front = new RelayFront(new URL(relay), await BadLine.to(relay), awayStatus);
    front.#server.listen(0, "127.0.0.1");
    await once(front.#server, "listening");
    return front;
  }

  /** Base URL for this side. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
    await this.line[Symbol.asyncDispose]();
  }

  async #handOn(relay: URL, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { host: _, ...headers } = asked.headers;
    const onward = request(new URL(asked.url ?? "/", relay), { method: asked.method ?? "GET", headers, agent: false });
    onward.end(await bytesOf(asked));
    const [said] = (await once(onward, "response")) as [IncomingMessage];
    const body = ledOver(new URL(this.line.url).host, (await bytesOf(said)).toString());
    const { "content-length": _length, "transfer-encoding": _encoding, ...kept } = said.headers;
    answer.writeHead(said.statusCode ?? 502, { ...kept, "content-length": Buffer.byteLength(body) }).end(body);
  }
}

/** The same answer, with the URL of the socket at another host. */
export function ledOver(host: string, body: string): string {
  let answer: { readonly url?: unknown };
  try {
    answer = JSON.parse(body) as typeof answer;
  } catch {
    return body;
  }
  if (typeof answer.url !== "string") return body;
  const url = new URL(answer.url);
  url.host = host;
  return JSON.stringify({ ...answer, url: url.href });
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
