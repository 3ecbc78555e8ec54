import { RELAY_LIMITS } from "@holdfast/relay-protocol";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound of what nodes say to each other and to what keeps their state. */
export const NATS_LIMITS = {
  /** How long the first connection and the making of buckets may take, milliseconds: a cluster that starts has to agree first. */
  startTimeoutMs: 20_000,
  /** One question to the store, milliseconds. A harness waits 6 s for its bundle, which takes two or three of them. */
  storeTimeoutMs: 1_500,
  /** A node's answer about an executor, milliseconds. */
  openTimeoutMs: 2_000,
  /** Until a server has taken what was said, milliseconds. */
  flushTimeoutMs: 2_000,
  /** Of a message between two nodes, bytes: a frame of the most bytes and what is before it. */
  messageMaxBytes: RELAY_LIMITS.maxMessageBytes + 1 * KIB,
  /** Until a stream's first message has to be there after it was opened, milliseconds. */
  confirmTimeoutMs: 10_000,
  /** Between two questions whether a node that shares streams is there, milliseconds. */
  beatIntervalMs: 1_000,
  /** Its answer, milliseconds; one that is missed twice is gone. */
  beatTimeoutMs: 2_000,
  beatsMissed: 2,
  /** What was sent has to be acknowledged within it, milliseconds, or it is lost. */
  acknowledgeTimeoutMs: 10_000,
  /** Arrived and not acknowledged, bytes: then it is acknowledged at once. */
  acknowledgeEveryBytes: 32 * KIB,
  /** On the way of one stream until its sender is asked to hold it, bytes; less where a node has many streams with another one. */
  windowMaxBytes: 512 * KIB,
  windowMinBytes: 64 * KIB,
  /** On the way to one node, bytes, shared by the windows of its streams. A server lets 64 MiB wait for one connection. */
  windowOfNodeBytes: 24 * MIB,
  /** A sender that does not hold: its stream is over beyond so many bytes on the way. */
  onTheWayMaxBytes: 8 * MIB,
  /** And any stream that sends on while so many are on the way to its node. */
  onTheWayOfNodeMaxBytes: 40 * MIB,
  /** Without a server for so long, milliseconds, a node sends its executors away: others can't reach them here. */
  isolationMs: 30_000,
  /** Between two tries to reach a server, milliseconds; as much again is drawn. */
  reconnectWaitMs: 250,
  /** Between two signs of life of a server, milliseconds; it is gone after the second one that it does not answer. */
  pingIntervalMs: 5_000,
  /** Registrations, bytes: some 2.2 kB each. What does not fit is refused. */
  registrationsMaxBytes: 512 * MIB,
  /** Authorizations, bytes: some 2.2 kB each. The oldest go first. */
  authorizationsMaxBytes: 64 * MIB,
  /** The broom for authorizations that nobody used, milliseconds. When one ends is in it. */
  authorizationsMaxAgeMs: 600_000,
} as const;
