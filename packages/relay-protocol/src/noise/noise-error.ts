/** A handshake, or a record behind it, that is not what the other side can have sent. Says nothing of keys or contents. */
export class NoiseError extends Error {
  override readonly name = "NoiseError";
}
