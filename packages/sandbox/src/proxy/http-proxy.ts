import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream";
import { type BlockedResponse, blockedRequest, blockedTunnel } from "./blocked.ts";
import { forwardedHeaders } from "./forwarded-headers.ts";
import { parseAuthority } from "./host-name.ts";
import { type HttpTarget, httpTarget, onlyReads } from "./http-target.ts";
import type { ProxyCore } from "./proxy-core.ts";
import { tunnel } from "./tunnel.ts";

/** An HTTP proxy: plain requests are forwarded one by one, `CONNECT` makes a tunnel. */
export function createHttpProxy(core: ProxyCore): Server {
  const { maxConnections, maxHeaderBytes, handshakeTimeoutMs } = core.limits;
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: handshakeTimeoutMs,
    // A body may take its time; it is bounded by silence.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(handshakeTimeoutMs, 5_000),
    noDelay: true,
  });
  server.maxConnections = maxConnections;
  server.on("connection", (socket: Socket) => core.track(socket));
  server.on("request", (request, response) => {
    void forward(core, request, response).catch(() => response.destroy());
  });
  server.on("connect", (request, stream, head) => {
    void connect(core, request, stream, head).catch(() => stream.destroy());
  });
  return server;
}

async function forward(core: ProxyCore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = httpTarget(request);
  if (typeof target === "string") return answer(response, 400, { headers: TEXT, body: target });
  const destination = { protocol: "http", host: target.host, port: target.port } as const;
  const passage = await core.decide(destination);
  if (passage.kind === "blocked") return answer(response, 403, blockedRequest(passage.reason, destination));
  if (core.mode === "limited" && !onlyReads(request.method)) {
    return answer(response, 403, blockedRequest("method_not_allowed", destination));
  }
  const upstream = await core.dial(passage.addresses, target.port, request.socket);
  if (upstream === undefined) return answer(response, 502, UPSTREAM_FAILURE);
  relay(core, { request, response, target, upstream });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: HttpTarget;
  readonly upstream: Socket;
}

function relay(core: ProxyCore, { request, response, target, upstream }: Exchange): void {
  upstream.setTimeout(core.limits.idleTimeoutMs, () => upstream.destroy());
  const outgoing = httpRequest({
    method: request.method,
    path: target.path,
    headers: outgoingHeaders(request, target),
    createConnection: () => upstream,
    setHost: false,
    maxHeaderSize: core.limits.maxHeaderBytes,
  });
  outgoing.once("response", (incoming) => respond(incoming, response));
  const fail = () => (response.headersSent ? response.destroy() : answer(response, 502, UPSTREAM_FAILURE));
  outgoing.on("error", fail);
  // The upstream side switched protocols unasked.
  outgoing.once("upgrade", (_incoming, socket) => {
    socket.destroy();
    fail();
  });
  response.once("close", () => outgoing.destroy());
  // Errors of both ends are seen above; a body that breaks off must not look complete.
  pipeline(request, outgoing, (error) => error && outgoing.destroy());
}

/** A chunked body stays one under every method: without its frame it would pass for another request. */
function outgoingHeaders(request: IncomingMessage, target: HttpTarget): string[] {
  const frame = request.headers["transfer-encoding"] === undefined ? [] : ["Transfer-Encoding", "chunked"];
  const passedOn = forwardedHeaders(request.rawHeaders, ["host"]);
  return ["Host", target.authority, ...passedOn, ...frame, "Connection", "close"];
}

function respond(incoming: IncomingMessage, response: ServerResponse): void {
  try {
    response.writeHead(incoming.statusCode ?? 502, forwardedHeaders(incoming.rawHeaders));
  } catch {
    // Headers that may come in but may not go out.
    incoming.destroy();
    answer(response, 502, UPSTREAM_FAILURE);
    return;
  }
  pipeline(incoming, response, (error) => error && response.destroy());
}

async function connect(core: ProxyCore, request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
  const socket = request.socket;
  if (stream !== socket) return void stream.destroy();
  const target = parseAuthority(request.url ?? "");
  if (target === undefined)
    return refuse(socket, "400 Bad Request", { headers: TEXT, body: "request target is no host and port" });
  const passage = await core.decideTunnel({ protocol: "https_connect", ...target });
  if (passage.kind === "blocked") return refuse(socket, "403 Forbidden", blockedTunnel(passage.reason));
  const upstream = await core.dial(passage.addresses, target.port, socket);
  if (upstream === undefined) return refuse(socket, "502 Bad Gateway", UPSTREAM_FAILURE);
  socket.write("HTTP/1.1 200 OK\r\n\r\n");
  if (head.length > 0) socket.unshift(head);
  tunnel(socket, upstream, core.limits.idleTimeoutMs);
}

const TEXT = { "content-type": "text/plain" } as const;
const UPSTREAM_FAILURE: BlockedResponse = { headers: TEXT, body: "upstream failure" };

function answer(response: ServerResponse, status: number, { headers, body }: BlockedResponse): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
  response.end(body);
}

function refuse(socket: Socket, status: string, { headers, body }: BlockedResponse): void {
  const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" });
  socket.end(`HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`);
  socket.destroySoon();
}
