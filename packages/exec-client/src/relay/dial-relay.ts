import { type PublicKey, publicKeysEqual, RELAY_LIMITS } from "@holdfast/relay-protocol";
import { generateIdentity, type Identity } from "@holdfast/relay-protocol/noise";
import { type FramePort, isLinkError, isLoopbackHost, shownUrl } from "@holdfast/rpc";
import { CLIENT_LIMITS } from "@holdfast/rpc/client";
import { FinalRefusal } from "../errors/final-refusal.ts";
import { RELAY_HANDSHAKE_TIMEOUT_MS } from "../limits.ts";
import { randomUuid } from "../random-uuid.ts";
import type { TargetDialOptions } from "../session/targets/dial-options.ts";
import { askForBundle } from "./ask-for-bundle.ts";
import { type ConnectBundle, connectBundle } from "./connect-bundle.ts";
import { dialFailure } from "./dial-failure.ts";
import { openChannel } from "./open-channel.ts";
import { type ExecutorPin, type RelayLine, singleRelayLine } from "./relay-line.ts";
import { inClear, type RelayAddress, relayAddress } from "./relay-url.ts";

const UNAUTHORIZED = 401;

interface RelayDialOptions extends TargetDialOptions {
  readonly relay: RelayLine;
}

/**
 * Connect to an executor through a relay: a bundle from the registry, a socket to the URL in it, and the Noise channel in that.
 *
 * @throws LinkError delivery `not-sent`: `timeout`, `aborted`, or `closed` for everything else, with what it means and what helps.
 */
export async function dialRelay(url: URL, options: TargetDialOptions): Promise<FramePort> {
  const address = relayAddress(url);
  const { relay = singleRelayLine(), signal } = options;
  try {
    signal?.throwIfAborted();
    if (address.isInClear && options.allowPlaintextRelay !== true) throw new FinalRefusal(inClear(address));
    const identity = relay.identity.once(generateIdentity);
    const { socket, bundle } = await socketOf(address, identity, { ...options, relay });
    const port = await openChannel({
      socket,
      bundle,
      identity,
      environmentId: address.environmentId,
      streamId: randomUuid(),
      peerName: address.shown,
      timeoutMs: Math.min(options.connectTimeoutMs, RELAY_HANDSHAKE_TIMEOUT_MS),
      signal,
      clock: options.clock,
    });
    relay.pin.key = bundle.executorKey;
    return port;
  } catch (error) {
    throw dialFailure(error, address, { signal, isRecovery: relay.isRecovery, hasToken: options.token !== undefined });
  }
}

/** A socket with the bundle that it is of. One whose URL is too old by now is replaced once. */
async function socketOf(
  address: RelayAddress,
  identity: Identity,
  options: RelayDialOptions,
): Promise<{ readonly socket: FramePort; readonly bundle: ConnectBundle }> {
  for (let isLast = false; ; isLast = true) {
    const bundle = await freshBundle(address, identity, options);
    checkPin(bundle.executorKey, options.relay.pin);
    try {
      return { socket: await socketTo(bundle.url, options), bundle };
    } catch (error) {
      if (isLast || statusOf(error) !== UNAUTHORIZED) throw error;
    }
  }
}

function freshBundle(
  address: RelayAddress,
  identity: Identity,
  { headers, token, ca, clientCertificate, clock, signal, relay }: RelayDialOptions,
): Promise<ConnectBundle> {
  const common = { headers, token, ca, clientCertificate, clock, signal };
  return askForBundle((timeoutMs) => connectBundle(address, identity.publicKey, { ...common, timeoutMs }), {
    clock,
    signal,
    isRecovery: relay.isRecovery,
  });
}

/** A session is in the memory of one process, which has one key. */
function checkPin(key: PublicKey, { key: pinned }: ExecutorPin): void {
  if (pinned === undefined || publicKeysEqual(pinned, key)) return;
  const sessionGone = "the executor was started anew, and all that ran in the session has ended";
  throw new FinalRefusal("executor key changed during session recovery", { sessionGone });
}

async function socketTo(url: string, options: TargetDialOptions): Promise<FramePort> {
  const { ca, clientCertificate, connectTimeoutMs, signal, clock, allowPlaintextRelay } = options;
  const { protocol, hostname } = new URL(url);
  if (protocol === "ws:" && !isLoopbackHost(hostname) && allowPlaintextRelay !== true) {
    const where = shownUrl(url);
    throw new FinalRefusal(
      `the registry names ${where}, which is in clear; use a relay with wss:, or set allowPlaintextRelay`,
    );
  }
  // Loaded when it is asked for: some platforms lack it.
  const { connectWebSocket } = await import("@holdfast/rpc/websocket");
  return await connectWebSocket(url, {
    ca,
    clientCertificate,
    connectTimeoutMs,
    signal,
    clock,
    maxMessageBytes: RELAY_LIMITS.maxMessageBytes,
    // The relay's own signs of life; the executor is asked for its own.
    pingIntervalMs: options.pingIntervalMs ?? CLIENT_LIMITS.pingIntervalMs,
    pongTimeoutMs: options.pongTimeoutMs ?? CLIENT_LIMITS.pongTimeoutMs,
  });
}

/** Status of a handshake of HTTP that was refused. */
function statusOf(error: unknown): number | undefined {
  const cause = isLinkError(error) ? error.cause : undefined;
  return cause instanceof Error && "status" in cause ? Number(cause.status) : undefined;
}
