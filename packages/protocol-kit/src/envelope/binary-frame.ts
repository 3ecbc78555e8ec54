/** What JSON can begin with is above: a length of that much is beyond every bound. */
const LONGEST_HEAD_BYTE = 0x08;

const BINARY_FRAME = Symbol.for("holdfast.BinaryFrame");

/**
 * A message that travels as bytes of its own and not as text: one binary message of a websocket. Most are a JSON text and bytes behind it,
 * as `encodeBinary` writes them; a peer may also send a JSON text as one.
 */
export class BinaryFrame {
  /** So that two copies of this package in one program agree. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && BINARY_FRAME in value;
  }

  readonly [BINARY_FRAME] = true;
  /** One after the other they are the message. They belong to whoever has the frame, and the last of two until it is told `taken`. */
  readonly parts: readonly [whole: Uint8Array] | readonly [head: Uint8Array, bytes: Uint8Array];
  /** Bytes of the message. */
  readonly length: number;
  readonly #taken: (() => void) | undefined;

  /** @param taken - Called when the last part of two is of no more use here. */
  constructor(parts: BinaryFrame["parts"], taken?: () => void) {
    this.parts = parts;
    this.length = parts[0].byteLength + (parts[1]?.byteLength ?? 0);
    this.#taken = taken;
  }

  /** To be called when all of it has been sent or copied. */
  taken(): void {
    this.#taken?.();
  }

  /** The message in one piece. Two parts are copied, into memory of their own, and are taken then. */
  whole(): Uint8Array {
    const [first, second] = this.parts;
    if (second === undefined) return first;
    const whole = new Uint8Array(this.length);
    whole.set(first);
    whole.set(second, first.byteLength);
    this.taken();
    return whole;
  }

  /** The message as UTF-8, where it is nothing but a text; undefined when it begins with a length. */
  text(): Uint8Array | undefined {
    const [first] = this.parts;
    return first.byteLength > 0 && (first[0] ?? 0) <= LONGEST_HEAD_BYTE ? undefined : this.whole();
  }
}
