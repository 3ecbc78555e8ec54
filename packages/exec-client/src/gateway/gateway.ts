import { type ClientCertificate, type Clock, type FramePort, systemClock } from "@holdfast/rpc";
import {
  anything,
  callback,
  checkOptions,
  clientCertificate,
  duration,
  flag,
  type OptionChecks,
  stringsByName,
  text,
  timeLimit,
} from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../errors.ts";
import { CONNECT_TIMEOUT_MS } from "../limits.ts";
import { RelayIdentity } from "../relay/relay-line.ts";
import {
  type ConnectTarget,
  canDialAgain,
  checkInClear,
  checkTarget,
  retryPausesOf,
} from "../session/connect-target.ts";
import { ClientConnection } from "./client-connection.ts";

export interface GatewayOptions {
  /** Milliseconds from the loss of the connection to the executor until a session is given up. Default 600,000. */
  readonly recoverForMs?: number | undefined;
  /** Milliseconds between two attempts to connect. Default 250, 1,000 where each starts a program, and 500 to 7,500 through a relay. */
  readonly retryIntervalMs?: number | undefined;
  /** Milliseconds to wait for a connection. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Headers of the websocket upgrade, or of the requests to the registry of a relay. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The secret that the executor asks for, or the registry of a relay. Default: none. */
  readonly token?: string | undefined;
  /** Certificates in PEM of the authorities that may vouch for a `wss:` executor. Default: those that the system trusts. */
  readonly ca?: string | undefined;
  /** Certificate and private key in PEM, for an executor that asks for one. Default: none. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** As of `connect`. */
  readonly allowPlaintextRelay?: boolean | undefined;
  /** Called when the number of clients has changed. */
  readonly onClients?: ((count: number) => void) | undefined;
  /** Time, for tests. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/** Stands for an executor that is elsewhere, and holds the connection to it. */
export interface Gateway extends AsyncDisposable {
  /** Serve one client. The port belongs to the gateway from here on. */
  accept(port: FramePort): void;
  /** Clients that are connected. */
  readonly clientCount: number;
  /** End every connection. What runs on the executor is left to its session. Idempotent. */
  close(): Promise<void>;
}

/** Default time from the loss of a connection until its session is given up, milliseconds. */
const RECOVER_FOR_MS = 600_000;
/** How clients are told that the gateway ends. Not in the words of an executor: their sessions go on. */
const GATEWAY_SHUTDOWN = { code: 1001, reason: "the gateway is shutting down" };
/** Default pause between two attempts, milliseconds. */
const RETRY_INTERVAL_MS = 250;

const GATEWAY_OPTIONS: OptionChecks<GatewayOptions> = {
  recoverForMs: duration,
  retryIntervalMs: timeLimit,
  connectTimeoutMs: timeLimit,
  headers: stringsByName,
  token: text,
  ca: text,
  clientCertificate,
  allowPlaintextRelay: flag,
  onClients: callback,
  clock: anything,
};

/**
 * Stand between clients and an executor, so that a lost connection to it is a pause that its clients do not notice. Each client has a
 * session of its own there; while it is out of reach their calls wait, and what their processes did meanwhile follows in order, nothing
 * left out and nothing twice as long as the executor still has it.
 *
 * A call that was on its way is made again where that does no harm; else it is refused, and the refusal says that it may have been done.
 * It opens nothing by itself: give it ports.
 *
 * @throws InvalidArgumentError - The target can not be dialled again, or an option is out of range.
 */
export function createGateway(target: ConnectTarget, options: GatewayOptions = {}): Gateway {
  checkTarget(target);
  checkOptions(options, GATEWAY_OPTIONS, "createGateway");
  checkInClear(target, options.allowPlaintextRelay);
  if (!canDialAgain(target)) {
    throw new InvalidArgumentError("target", "target must be one that can be dialled again: a URL or a way to dial");
  }
  const { recoverForMs = RECOVER_FOR_MS } = options;
  const pauses = retryPausesOf(target, options.retryIntervalMs);
  const retryIntervalMs = options.retryIntervalMs ?? Math.max(RETRY_INTERVAL_MS, pauses.retryIntervalMs);
  const far = {
    target,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    headers: options.headers,
    token: options.token,
    ca: options.ca,
    clientCertificate: options.clientCertificate,
    allowPlaintextRelay: options.allowPlaintextRelay,
    identity: new RelayIdentity(),
    clock: options.clock ?? systemClock,
    recovery: { ...pauses, deadlineMs: recoverForMs, retryIntervalMs },
  };
  const clients = new Set<ClientConnection>();
  const changed = (): void => options.onClients?.(clients.size);
  let isClosed = false;
  const close = async (): Promise<void> => {
    isClosed = true;
    const { reason } = GATEWAY_SHUTDOWN;
    await Promise.all([...clients].map((client) => client.close(reason, GATEWAY_SHUTDOWN.code)));
    far.identity.forget();
  };
  return {
    get clientCount() {
      return clients.size;
    },
    accept(port) {
      if (isClosed) {
        port.destroy(GATEWAY_SHUTDOWN.reason);
        return;
      }
      const client = new ClientConnection(port, far);
      clients.add(client);
      changed();
      void client.closed.then(() => {
        clients.delete(client);
        changed();
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
