import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { abortSignal, callback, checkOptions, type OptionChecks, text, wholeNumber } from "@holdfast/rpc/client";
import { abortedCall } from "../abortable.ts";
import type { Executor } from "../executor.ts";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import type { BridgeTool } from "./bridge-tools.ts";
import { checkBridgedHost, findBridgeTool, openBridged } from "./bridged-end.ts";
import { connectionEnd, type FarEnd } from "./far-end.ts";
import { join } from "./join.ts";

const PRIVATE_SOCKET_MODE = 0o600;
const PRIVATE_SOCKET_UMASK = 0o177;
const NO_ADDRESS = { address: "", port: 0 };

/** Where a port here leads to, and where it is. */
export interface ForwardOptions {
  /** Host to connect to, as the executor's machine knows it. Default `127.0.0.1`. */
  readonly remoteHost?: string | undefined;
  /** Port to listen on here. Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Path of a unix socket to listen on here instead, for this user alone. Nothing may be there. */
  readonly path?: string | undefined;
  /** Address to listen on here. Default `127.0.0.1`: this machine alone. */
  readonly host?: string | undefined;
  /** Ends it, as `close` does. */
  readonly signal?: AbortSignal | undefined;
  /** Called when a connection here could not be taken, had none there, or broke. Default: its client sees a reset, and nothing is said. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A port here that leads to one of the executor's machine. */
export interface Forwarding extends AsyncDisposable {
  /** Address and port that it listens on; empty and 0 for a unix socket. */
  readonly host: string;
  readonly port: number;
  /** Path of the unix socket that it listens on. */
  readonly path: string | undefined;
  /** What connects on the executor's machine: itself, or a program that it starts for each connection. */
  readonly via: "executor" | BridgeTool;
  /** Connections that are open. */
  readonly connectionCount: number;
  /** Stop listening, and end every connection. */
  close(): Promise<void>;
}

const FORWARD: OptionChecks<ForwardOptions> = {
  remoteHost: text,
  port: wholeNumber(0, 65_535),
  path: text,
  host: text,
  signal: abortSignal,
  onError: callback,
};

/**
 * Listen on a port here; each connection to it is one that the executor's machine makes to `remotePort`. Bytes pass in both
 * directions at the pace of their reader, each direction ends by itself, and a line that is lost and found again is a pause.
 *
 * An executor without the capability `holdfastConnections`, as those of Codex are, starts a program for each connection: `perl`, `python3`,
 * `node`, `socat`, `nc -N` or `bash`, the first that is there. With the last three, a far side that ends ends both directions.
 *
 * @param remotePort - 1 to 65,535.
 * @throws UnsupportedError - The executor lacks the capability `holdfastConnections`, and its machine all of those programs.
 * @throws InvalidArgumentError - An option is wrong. @throws Error - The port here can not be had, as Node says it.
 * @throws LinkError - Named `AbortError` or `TimeoutError`: `signal` was aborted before.
 */
export async function forward(
  executor: Executor,
  remotePort: number,
  options: ForwardOptions = {},
): Promise<Forwarding> {
  wholeNumber(1, 65_535)(remotePort, "remotePort");
  checkOptions(options, FORWARD, "forward");
  const { signal, onError = () => {} } = options;
  if (signal?.aborted) throw abortedCall("forward", "not-sent", signal);
  const { via, open } = await opener(executor, { host: options.remoteHost ?? "127.0.0.1", port: remotePort }, signal);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // One that may have been opened on a line that broke has carried nothing, and is ended: its client waits for another one.
    join(socket, () => retryAcrossReconnects(open)).catch(onError);
  });
  await listen(server, options);
  const close = closing(server, sockets);
  // One connection could not be taken: too many files are open here.
  server.on("error", onError);
  if (signal?.aborted) {
    await close();
    throw abortedCall("forward", "not-sent", signal);
  }
  const onAbort = (): void => void close();
  signal?.addEventListener("abort", onAbort, { once: true });
  server.once("close", () => signal?.removeEventListener("abort", onAbort));
  void executor.closed.then(close);
  const address = server.address();
  const { address: host, port } = typeof address === "object" && address !== null ? address : NO_ADDRESS;
  return {
    host,
    port,
    path: options.path,
    via,
    get connectionCount() {
      return sockets.size;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** How a connection is opened there. */
async function opener(
  executor: Executor,
  to: { readonly host: string; readonly port: number },
  signal: AbortSignal | undefined,
): Promise<{ readonly via: Forwarding["via"]; readonly open: () => Promise<FarEnd> }> {
  const { environment, processes } = executor;
  if (environment.capabilities.holdfastConnections) {
    return { via: "executor", open: async () => connectionEnd(await processes.openConnection(to)) };
  }
  checkBridgedHost(to.host);
  const via = await findBridgeTool(executor, signal);
  return { via, open: () => openBridged(executor, via, to) };
}

async function listen(server: Server, { port = 0, host = "127.0.0.1", path }: ForwardOptions): Promise<void> {
  if (path === undefined) server.listen(port, host);
  else listenPrivately(server, path);
  await once(server, "listening");
  if (path === undefined) return;
  try {
    await chmod(path, PRIVATE_SOCKET_MODE);
  } catch (error) {
    server.close();
    throw error;
  }
}

/** For nobody else from its first moment, where it may be said with which permission bits files are made: in a worker it may not. */
function listenPrivately(server: Server, path: string): void {
  const umask = setUmask(PRIVATE_SOCKET_UMASK);
  try {
    // The socket is made before it returns.
    server.listen(path);
  } finally {
    if (umask !== undefined) setUmask(umask);
  }
}

/** @returns the one before; undefined where it can't be set. */
function setUmask(mask: number): number | undefined {
  try {
    return process.umask(mask);
  } catch {
    return undefined;
  }
}

function closing(server: Server, sockets: ReadonlySet<Socket>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return () => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.resetAndDestroy();
    });
    return closed;
  };
}
