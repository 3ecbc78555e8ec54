import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** A plain HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** Besides the length of the body and its type, which is plain text unless it is given: such as `WWW-Authenticate`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Which paths of a listener are for what. */
export interface Routes {
  /** Where handshakes are taken. Null: on every path that is nothing else. */
  readonly handshake: string | null;
  /** Paths that answer `GET` and `HEAD` with 200 and an empty body, without authorization, as long as the process can answer at all. */
  readonly health: readonly string[];
  /** Paths that do the same while new clients are wanted, and answer 503 else. */
  readonly ready: readonly string[];
}

function EMPTY(status: number): HttpAnswer {
  return { status, body: "" };
}

/** Of a request, without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").replace(/\?.*$/s, "");
}

/**
 * What every request gets, upgrade or not, before anything else is looked at; `undefined` for one to where handshakes are taken.
 *
 * An `Origin` header means a browser: a web page must not drive a listener, unless its origin was named.
 */
export function answerByRoute(
  request: IncomingMessage,
  routes: Routes,
  isReady: boolean,
  allowedOrigins: readonly string[] = [],
): HttpAnswer | undefined {
  const { handshake } = routes;
  const answer = answerToPageOrProbe(request, routes, isReady, allowedOrigins);
  return answer !== undefined || handshake === null || pathOf(request) === handshake ? answer : EMPTY(404);
}

/** The same, `undefined` for every path that is not about health or readiness. */
export function answerToPageOrProbe(
  request: IncomingMessage,
  { health, ready }: Routes,
  isReady: boolean,
  allowedOrigins: readonly string[] = [],
): HttpAnswer | undefined {
  if (request.headers.origin !== undefined && !isOfAllowedOrigin(request, allowedOrigins)) return EMPTY(403);
  const path = pathOf(request);
  if (health.includes(path)) return answerToProbe(request, 200);
  return ready.includes(path) ? answerToProbe(request, isReady ? 200 : 503) : undefined;
}

function answerToProbe({ method }: IncomingMessage, status: number): HttpAnswer {
  if (method === "GET" || method === "HEAD") return EMPTY(status);
  return { ...EMPTY(405), headers: { Allow: "GET,HEAD" } };
}

/** Whether a request is of a page whose origin may connect. One with two origins is of none. */
export function isOfAllowedOrigin(request: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const [origin, ...others] = request.headersDistinct.origin ?? [];
  return origin !== undefined && others.length === 0 && allowedOrigins.includes(origin);
}

/** What a request to where handshakes are taken gets when it is none. */
export function answerWithoutUpgrade(request: IncomingMessage): HttpAnswer {
  return request.method === "GET"
    ? { status: 400, body: "Connection header did not include 'upgrade'" }
    : EMPTY(request.method === "HEAD" ? 400 : 405);
}

export function respond(response: ServerResponse, answer: HttpAnswer): void {
  response.writeHead(answer.status, headersOf(answer));
  response.end(answer.body);
}

/** Answer on the bare socket of an upgrade request, and end the connection. */
export function respondRaw(socket: Duplex, answer: HttpAnswer): void {
  const head = Object.entries({ ...headersOf(answer), Connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const statusLine = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}`;
  socket.once("finish", () => socket.destroy());
  socket.end(`${[statusLine, ...head].join("\r\n")}\r\n\r\n${answer.body}`);
}

function headersOf({ body, headers }: HttpAnswer): Record<string, string> {
  return {
    ...(body === "" ? {} : { "Content-Type": "text/plain; charset=utf-8" }),
    ...headers,
    "Content-Length": String(Buffer.byteLength(body)),
  };
}
