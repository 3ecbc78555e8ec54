import { type Clock, systemClock } from "@holdfast/rpc";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { type ConnectionOptions, connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import type { RelayStores } from "../ports.ts";
import { type Bucket, openBucket } from "./bucket.ts";
import { NATS_LIMITS } from "./limits.ts";
import { readNatsAddress } from "./nats-address.ts";
import { NatsAuthorizations } from "./nats-authorizations.ts";
import { NatsRegistrations } from "./nats-registrations.ts";
import { NatsRoutes } from "./nats-routes.ts";
import { signingSecretOf } from "./signing-secret.ts";

export interface NatsOptions {
  /** `nats://[user:password@]host[:port]` or `tls://…`, several with a comma between. */
  readonly url: string;
  /** The text of a credentials file (`.creds`) of NATS. Default: who signs in is in the URL, or nobody does. */
  readonly credentials?: Uint8Array | undefined;
  /** Path of a file with the authorities that servers of `tls://` are trusted by. Default: those of the system. */
  readonly caFile?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Unix milliseconds. Default: the time of this machine. */
  readonly now?: (() => number) | undefined;
  /** What went wrong and is being mended, one line without anything secret. */
  readonly onProblem?: ((text: string) => void) | undefined;
}

/**
 * Stand on NATS servers with JetStream: what one node of the relay knows, all of them know, and any of them reaches any executor.
 *
 * @throws Error the URL is wrong, no server can be reached, it refuses whoever signs in, or it has no JetStream.
 */
export async function connectNats(options: NatsOptions): Promise<RelayStores> {
  const { clock = systemClock, now = Date.now, onProblem = () => {} } = options;
  const { shown, ...connection } = connectionOptions(options);
  const connected = await connect(connection).catch((error: Error) => {
    throw new Error(`NATS at ${shown}: ${error.message}`, { cause: error });
  });
  try {
    checkServer(connected);
    const routes = new NatsRoutes({ connection: connected, clock, problem: onProblem });
    const { registrations, authorizations, secret } = await openStores(connected, clock, () => routes.isOnline);
    return {
      registrations: new NatsRegistrations(registrations),
      authorizations: new NatsAuthorizations(authorizations, now),
      routes,
      signingSecret: secret,
      isReady: () => routes.isOnline,
      [Symbol.asyncDispose]: () => routes[Symbol.asyncDispose](),
    };
  } catch (error) {
    await connected.close();
    throw new Error(`NATS at ${shown}: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws Error saying what its configuration lacks. */
function checkServer({ info }: NatsConnection): void {
  const most = info?.max_payload ?? 0;
  if (most >= NATS_LIMITS.messageMaxBytes) return;
  throw new Error(`max_payload is ${most} bytes; a relay needs ${NATS_LIMITS.messageMaxBytes}, and 1MB is the default`);
}

function connectionOptions(options: NatsOptions): ConnectionOptions & { readonly shown: string } {
  const address = readNatsAddress(options.url);
  return {
    shown: address.shown,
    name: "holdfast relay",
    servers: [...address.servers],
    tls: address.isTls ? (options.caFile === undefined ? {} : { caFile: options.caFile }) : null,
    ...(address.user === undefined ? {} : { user: address.user, pass: address.password ?? "" }),
    ...(address.token === undefined ? {} : { token: address.token }),
    ...(options.credentials === undefined ? {} : { authenticator: credsAuthenticator(options.credentials) }),
    timeout: NATS_LIMITS.startTimeoutMs / 4,
    maxReconnectAttempts: -1,
    reconnectTimeWait: NATS_LIMITS.reconnectWaitMs,
    reconnectJitter: NATS_LIMITS.reconnectWaitMs,
    reconnectJitterTLS: NATS_LIMITS.reconnectWaitMs,
    pingInterval: NATS_LIMITS.pingIntervalMs,
    // A server may know who signs in a little later than it listens.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
  };
}

interface Stores {
  readonly registrations: Bucket;
  readonly authorizations: Bucket;
  readonly secret: Uint8Array;
}

async function openStores(connection: NatsConnection, clock: Clock, isOnline: () => boolean): Promise<Stores> {
  const endMs = clock.now() + NATS_LIMITS.startTimeoutMs;
  for (;;) {
    try {
      return await openOnce(connection, isOnline);
    } catch (error) {
      // A cluster that has just started has no leader yet, and not all of its servers.
      if (clock.now() >= endMs || connection.isClosed()) throw error;
      await new Promise<void>((resolve) => clock.after(NATS_LIMITS.reconnectWaitMs, resolve));
    }
  }
}

async function openOnce(connection: NatsConnection, isOnline: () => boolean): Promise<Stores> {
  const manager: JetStreamManager = await jetstreamManager(connection, { timeout: NATS_LIMITS.storeTimeoutMs });
  const registrations = await openBucket(
    connection,
    manager,
    {
      name: "holdfast-relay-registrations",
      description: "The executor behind each environment, and the secret that signs URLs",
      maxBytes: NATS_LIMITS.registrationsMaxBytes,
      whenFull: "refuse",
      maxAgeMs: 0,
    },
    isOnline,
  );
  const authorizations = await openBucket(
    connection,
    manager,
    {
      name: "holdfast-relay-authorizations",
      description: "What harnesses may speak to which executor, once and for a short time",
      maxBytes: NATS_LIMITS.authorizationsMaxBytes,
      whenFull: "drop-oldest",
      maxAgeMs: NATS_LIMITS.authorizationsMaxAgeMs,
    },
    isOnline,
  );
  return { registrations, authorizations, secret: await signingSecretOf(registrations) };
}
