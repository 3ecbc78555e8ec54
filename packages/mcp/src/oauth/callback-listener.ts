import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { CALLBACK_MAX_BYTES } from "./limits.ts";
import { McpOAuthError } from "./oauth-error.ts";

/** What is said to the browser. */
export interface CallbackReply {
  readonly status: number;
  readonly text: string;
}

/** Judges a request; undefined: it is none of a login. */
export type CallbackHandler = (path: string, query: URLSearchParams) => CallbackReply;

/** Listens on loopback for a browser that comes back from signing in. */
export class CallbackListener implements AsyncDisposable {
  readonly #server: Server;
  /** TCP. */
  readonly port: number;

  private constructor(server: Server) {
    this.#server = server;
    const address = server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
  }

  /**
   * @param port - 0: any that is free.
   * @throws McpOAuthError `callback` - The port can not be listened on.
   */
  static async open(port: number, handle: CallbackHandler): Promise<CallbackListener> {
    const server = createServer({ maxHeaderSize: CALLBACK_MAX_BYTES }, (request, response) => {
      answer(request, response, handle);
    });
    try {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    } catch (cause) {
      const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
      throw new McpOAuthError(
        "callback",
        `port ${port} can not be listened on for the browser to come back to: ${why}`,
        {
          cause,
        },
      );
    }
    return new CallbackListener(server);
  }

  /** What is being answered is answered. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeIdleConnections();
    await closed;
  }
}

function answer(request: IncomingMessage, response: ServerResponse, handle: CallbackHandler): void {
  const url = URL.parse(request.url ?? "/", "http://127.0.0.1");
  const isGet = request.method === "GET" && url !== null;
  const reply = isGet ? handle(url.pathname, url.searchParams) : { status: 400, text: "Invalid OAuth callback" };
  request.resume();
  response.writeHead(reply.status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    connection: "close",
  });
  response.end(reply.text);
}
