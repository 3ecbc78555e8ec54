import { RELAY_LIMITS } from "@holdfast/relay-protocol";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound of the service. What is past one is refused or ended; nothing waits without end, and nothing is cut short. */
export const SERVICE_LIMITS = {
  /** Of one message of a websocket, bytes. */
  maxMessageBytes: RELAY_LIMITS.maxMessageBytes,
  /** Of the body of a registry call, bytes. One with a public key has 1.8 KiB. */
  maxBodyBytes: 16 * KIB,
  /** Of `Authorization`, bytes. */
  maxTokenBytes: 512,
  /** How long what is asked of the stores may take, milliseconds. */
  storeTimeoutMs: 8_000,
  /** How long an authorization may be used, and the URL of a harness: from `connect` to `validate`, milliseconds. */
  authorizationMs: 60_000,
  /** How long an executor may come back with its URL before it has to register again, milliseconds. */
  executorUrlMs: 24 * 60 * 60_000,
  /** Authorizations that nobody has used yet; one more ends the oldest. Each is of some 2 KiB. */
  maxAuthorizations: 10_000,
  /** Environments whose executor is known; one more ends the oldest. */
  maxRegistrations: 100_000,
  /** Websockets at once. */
  maxSockets: 20_000,
  /** Connections that are in the middle of a request. */
  maxHalfOpen: 4_096,
  /** Sockets of harnesses towards one executor. It takes 128 streams; the rest is for those that are about to leave. */
  maxHarnessesPerExecutor: 256,
  /** How long a harness may take for its first frame, and the executor to answer it, milliseconds. */
  handshakeMs: 30_000,
  /** Bytes that wait for a socket's reader until the other side is asked to hold its stream. */
  highWaterBytes: MIB,
  /** What is left of them when it may go on. */
  lowWaterBytes: 256 * KIB,
  /**
   * Bytes that wait for a harness whose executor was asked to hold its stream and goes on, as releases of Codex do: nothing more is read from that executor,
   * whatever the stream, until they have gone.
   */
  stallAboveBytes: 4 * MIB,
  /** How long that may take, milliseconds; then the stream ends. Less than what an executor waits for an answer to a ping. */
  maxStallMs: 30_000,
  /** Bytes that wait for a harness at most: one more frame ends the stream. Twice what is on the way when an executor is asked to hold it. */
  maxHarnessQueueBytes: 32 * MIB,
  /** The same for an executor's socket, which all of its harnesses share. */
  maxExecutorQueueBytes: 32 * MIB,
  /** Bytes that wait in all. Beyond, streams that have more than `highWaterBytes` waiting end at their next frame. */
  maxQueuedBytes: 512 * MIB,
  /** Streams of one executor's socket that are held at its word. */
  maxHeldStreams: 1_024,
  pingIntervalMs: 20_000,
  /** Silence after a ping that ends a socket, milliseconds. */
  pongTimeoutMs: 60_000,
  /** Time sockets get to end by themselves when the service stops, milliseconds. */
  closeGraceMs: 500,
  /** Calls of one token: as many at once, and per second after that. */
  tokenBurst: 2_000,
  tokenPerSecond: 200,
  /** Calls of one token about one environment. */
  environmentBurst: 200,
  environmentPerSecond: 20,
  /** Refused calls and handshakes of one address that are answered with their reason and recorded. */
  failureBurst: 30,
  failuresPerSecond: 0.5,
  /** Tokens, environments and addresses that are counted; one more ends the one that was longest quiet. */
  maxCounted: 10_000,
} as const;
