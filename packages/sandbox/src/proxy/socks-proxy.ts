import { createServer, type Server, type Socket } from "node:net";
import type { ProxyCore } from "./proxy-core.ts";
import {
  greetingReply,
  type Parsed,
  parseGreeting,
  parseRequest,
  SOCKS_REPLY,
  type SocksReply,
  socksReply,
} from "./socks-messages.ts";
import { tunnel } from "./tunnel.ts";

/** Longest greeting and request together. */
const MAX_HANDSHAKE_BYTES = 1_024;

/** A SOCKS5 server: TCP only, no authentication, names are resolved here. */
export function createSocksProxy(core: ProxyCore): Server {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    void serve(core, socket).catch(() => socket.destroy());
  });
  server.maxConnections = core.limits.maxConnections;
  return server;
}

async function serve(core: ProxyCore, socket: Socket): Promise<void> {
  core.track(socket);
  const timer = setTimeout(() => socket.destroy(), core.limits.handshakeTimeoutMs);
  const reader = new HandshakeReader(socket);
  try {
    const isAcceptable = await reader.read(parseGreeting);
    if (isAcceptable === undefined || !isAcceptable.value) {
      if (isAcceptable !== undefined) socket.write(greetingReply(false));
      return socket.destroySoon();
    }
    socket.write(greetingReply(true));
    const request = await reader.read(parseRequest);
    if (request === undefined) return refuse(socket, reader.reply);
    const destination = { protocol: "socks5_tcp", ...request.value } as const;
    clearTimeout(timer);
    await connect(core, socket, destination, reader);
  } finally {
    clearTimeout(timer);
  }
}

async function connect(
  core: ProxyCore,
  socket: Socket,
  destination: { protocol: "socks5_tcp"; host: string; port: number },
  reader: HandshakeReader,
): Promise<void> {
  const passage = await core.decideTunnel(destination);
  if (passage.kind === "blocked") return refuse(socket, SOCKS_REPLY.notAllowed);
  const upstream = await core.dial(passage.addresses, destination.port, socket);
  if (upstream === undefined) return refuse(socket, SOCKS_REPLY.hostUnreachable);
  socket.write(socksReply(SOCKS_REPLY.succeeded));
  reader.release();
  tunnel(socket, upstream, core.limits.idleTimeoutMs);
}

function refuse(socket: Socket, reply: SocksReply | undefined): void {
  if (reply !== undefined) socket.write(socksReply(reply));
  socket.destroySoon();
}

/** Reads messages off a socket, and gives back what came after them. */
class HandshakeReader {
  readonly #socket: Socket;
  #data: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #hasEnded = false;
  /** What to answer to the message that was none. */
  reply: SocksReply | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("close", this.#onEnd);
  }

  async read<Value>(parse: (data: Buffer) => Parsed<Value>): Promise<{ value: Value } | undefined> {
    for (;;) {
      const parsed = parse(this.#data);
      if (parsed.kind === "complete") {
        this.#data = this.#data.subarray(parsed.bytes);
        return { value: parsed.value };
      }
      this.reply = parsed.kind === "invalid" ? parsed.reply : undefined;
      if (parsed.kind === "invalid" || this.#hasEnded || this.#data.length > MAX_HANDSHAKE_BYTES) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#socket.resume();
      });
    }
  }

  /** Hands the socket over, with everything that was not read. */
  release(): void {
    this.#socket.off("data", this.#onData);
    this.#socket.off("end", this.#onEnd);
    this.#socket.off("close", this.#onEnd);
    this.#socket.pause();
    if (this.#data.length > 0) this.#socket.unshift(this.#data);
  }

  // One chunk at a time: a client that talks on while it waits is held back by its own buffers.
  readonly #onData = (chunk: Buffer) => {
    this.#socket.pause();
    this.#data = Buffer.concat([this.#data, chunk]);
    this.#wake?.();
  };

  readonly #onEnd = () => {
    this.#hasEnded = true;
    this.#wake?.();
  };
}
