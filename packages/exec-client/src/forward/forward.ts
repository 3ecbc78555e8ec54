import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { abortedCall } from "../abortable.ts";
import { checkOptions, type OptionChecks } from "../arguments/check-options.ts";
import { abortSignal, callback, text, wholeNumber } from "../arguments/checks.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import type { Executor } from "../executor.ts";
import { join } from "./join.ts";

/** Where a port here leads to, and where it is. */
export interface ForwardOptions {
  /** Host to connect to, as the executor's machine knows it. Default `127.0.0.1`. */
  readonly remoteHost?: string | undefined;
  /** Port to listen on here. Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Address to listen on here. Default `127.0.0.1`: this machine alone. */
  readonly host?: string | undefined;
  /** Ends it, as `close` does. */
  readonly signal?: AbortSignal | undefined;
  /** Called when a connection here could not be taken, had none there, or broke. Default: its client sees a reset, and nothing is said. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A port here that leads to one of the executor's machine. */
export interface Forwarding extends AsyncDisposable {
  /** Address and port that it listens on. */
  readonly host: string;
  readonly port: number;
  /** Connections that are open. */
  readonly connectionCount: number;
  /** Stop listening, and end every connection. */
  close(): Promise<void>;
}

const FORWARD: OptionChecks<ForwardOptions> = {
  remoteHost: text,
  port: wholeNumber(0, 65_535),
  host: text,
  signal: abortSignal,
  onError: callback,
};

/**
 * Listen on a port here; each connection to it is one that the executor's machine makes to `remotePort`. Bytes pass in both
 * directions at the pace of their reader, each direction ends by itself, and a line that is lost and found again is a pause.
 *
 * @param remotePort - 1 to 65,535.
 * @throws UnsupportedError - The executor lacks the capability `holdfastConnections`, as releases of Codex do.
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
  const { remoteHost, port = 0, host = "127.0.0.1", signal, onError = () => {} } = options;
  if (!executor.environment.capabilities.holdfastConnections) {
    throw new UnsupportedError("forward", "the capability holdfastConnections");
  }
  if (signal?.aborted) throw abortedCall("forward", "not-sent", signal);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    join(socket, () => executor.processes.openConnection({ host: remoteHost, port: remotePort })).catch(onError);
  });
  server.listen(port, host);
  await once(server, "listening");
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
  const address = server.address() as AddressInfo;
  return {
    host: address.address,
    port: address.port,
    get connectionCount() {
      return sockets.size;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
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
