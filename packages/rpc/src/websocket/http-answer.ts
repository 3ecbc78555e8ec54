import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** A plain HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const EMPTY = (status: number): HttpAnswer => ({ status, body: "" });

const pathOf = (request: IncomingMessage): string => (request.url ?? "/").replace(/\?.*$/s, "");

/**
 * What every request gets, upgrade or not, before anything else is looked at; `undefined` for a request to `/`.
 *
 * An `Origin` header means a browser: a web page must never drive a listener.
 */
export const answerByRoute = (request: IncomingMessage): HttpAnswer | undefined => {
  if (request.headers.origin !== undefined) return EMPTY(403);
  const path = pathOf(request);
  if (path === "/readyz") return EMPTY(request.method === "GET" || request.method === "HEAD" ? 200 : 405);
  return path === "/" ? undefined : EMPTY(404);
};

/** What a request to `/` gets that is no websocket handshake. */
export const answerWithoutUpgrade = (request: IncomingMessage): HttpAnswer =>
  request.method === "GET"
    ? { status: 400, body: "Connection header did not include 'upgrade'" }
    : EMPTY(request.method === "HEAD" ? 400 : 405);

export const respond = (response: ServerResponse, answer: HttpAnswer): void => {
  response.writeHead(answer.status, headersOf(answer));
  response.end(answer.body);
};

/** Answer on the bare socket of an upgrade request, and end the connection. */
export const respondRaw = (socket: Duplex, answer: HttpAnswer): void => {
  const head = Object.entries({ ...headersOf(answer), Connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const statusLine = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}`;
  socket.once("finish", () => socket.destroy());
  socket.end(`${[statusLine, ...head].join("\r\n")}\r\n\r\n${answer.body}`);
};

const headersOf = ({ body }: HttpAnswer): Record<string, string> => ({
  "Content-Length": String(Buffer.byteLength(body)),
  ...(body === "" ? {} : { "Content-Type": "text/plain; charset=utf-8" }),
});
