/** Bounds of an executor's way out, besides those of the wire. */
export const OFFER_LIMITS = {
  /** The upgrade of the rendezvous must be done by then, milliseconds. */
  connectTimeoutMs: 10_000,
  /** From the opening of the socket and between pings, milliseconds. */
  pingIntervalMs: 30_000,
  /** A ping that is not answered for so long ends the socket, milliseconds. */
  pongTimeoutMs: 60_000,
  /** Waits between attempts to open the socket, milliseconds; the last one stays. Each is drawn from its upper half. */
  reconnectWaitsMs: [1_000, 2_000, 4_000, 8_000, 16_000, 30_000],
  /** A socket that lived so long begins with the first of them again, milliseconds. */
  settledAfterMs: 120_000,
  /** Waits before a registration that was not written is tried again: doubled each time, each up to half longer, milliseconds. */
  registrationRetries: { firstMs: 500, maxMs: 5_000, jitter: "adds" },
  /** Of an answer of the registry, bytes. */
  maxAnswerBytes: 65_536,
  /** Bytes on the socket above which streams wait for their turn: what one of them is behind at most, besides a record of every other. */
  socketHighWaterBytes: 262_144,
  socketLowWaterBytes: 65_536,
  /** Resets and answers to handshakes that wait for the socket; one more byte ends it. */
  maxQueuedControlBytes: 1_048_576,
  /** Bytes that a stream's owner has queued, above which it is told to wait, and below which to go on. */
  streamHighWaterBytes: 4_194_304,
  streamLowWaterBytes: 1_048_576,
  /** Of messages that the executor has not taken yet: here the relay is asked to hold the stream. */
  holdAboveBytes: 262_144,
  /** Here a stream whose relay did not hold it is reset. One message may be above it. */
  maxUntakenBytes: 16_777_216,
  /** What an untaken message counts for besides its bytes. With it, all that peers of Codex keep of one stream (128 messages) may be small. */
  untakenMessageBytes: 256,
  /** Time that a stream has to send what is queued when its executor ends it, milliseconds. */
  streamCloseMs: 5_000,
  /** Time that streams and the socket have to end by themselves at shutdown, milliseconds. */
  closeGraceMs: 200,
  /** Of a stream's id, characters: UUIDs have 36. */
  maxStreamIdCharacters: 256,
  /** Lines of one kind that frames of others may cause in a log, in a minute. */
  maxLinesPerMinute: 10,
} as const;
