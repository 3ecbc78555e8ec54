const LIMITS = {
  /** Of one websocket message with its frame, bytes. */
  maxMessageBytes: 262_144,
  /** Of a Noise message, handshakes included, bytes. */
  maxNoiseMessageBytes: 65_535,
  /** Of what a record carries, bytes. */
  maxRecordBytes: 61_440,
  /** The tag of a record, bytes: the least that its ciphertext can be. */
  recordTagBytes: 16,
  /** Of one JSON-RPC message, bytes. */
  maxRpcMessageBytes: 67_108_864,
  /** How far a record may be ahead of the next one that is awaited. */
  maxReorderDistance: 64,
  /** Ciphertext that waits for earlier records, bytes. */
  maxHeldCiphertextBytes: 1_048_576,
  /** Of the authorization that a harness shows, bytes of UTF-8. */
  maxAuthorizationBytes: 4_096,
  /** Last sequence number of a direction; the stream ends there. */
  maxSequence: 4_294_967_295,
  /** Streams of one executor's socket. */
  maxStreams: 128,
  /** Authorizations that an executor asks its registry about at once. */
  maxValidations: 32,
  /** Failed handshakes of one socket until it pauses, and for how long, milliseconds. */
  maxFailedHandshakes: 8,
  handshakePauseMs: 10_000,
  /** How long the registry may take, milliseconds. */
  registryTimeoutMs: 10_000,
} as const;

/** Every bound of the relay's wire. What exceeds one is refused; nothing is cut short. */
export const RELAY_LIMITS: { readonly [Name in keyof typeof LIMITS]: number } = LIMITS;

/** The only reason of a reset on the wire, whatever the cause. */
export const RESET_REASON = "noise_relay_protocol_error";
/** Payload of an executor whose own credential its registry refused; no stream follows. */
export const REGISTRY_REFUSED_PAYLOAD = "codex-registry-authentication-rejected/v1";
/** Header of an executor's upgrade: that it holds a stream when the relay asks it to, and need not be stopped as a whole. Releases of Codex send none. */
export const HOLDS_STREAMS_HEADER = "x-holdfast-holds-streams";
export const SECURITY_PROFILE = "noise_hybrid_ik_v1";
export const NOISE_SUITE = "Noise_hybridIK_X25519+MLKEM768_AESGCM_SHA256";
