import { asBuffer } from "../as-buffer.ts";

/** What a pipe gives at once; its text is still a string among the short-lived ones. */
const WHOLE_MAX_BYTES = 64 * 1024;

/** Of more than that. Whole triples. A text of megabytes beside the frame would double the memory, and it takes longer. */
const PIECE_BYTES = 24 * 1024;

const BASE64_BYTES = Symbol.for("holdfast.Base64Bytes");

/**
 * Bytes that are base64 on the wire. A message carries them in place of the text; a codec writes them straight
 * into the frame, or takes them out of it, and anything else that makes JSON of the message gets the text.
 *
 * Needs Node's `Buffer`. The bytes are read when the message is encoded: until then they must not change.
 */
export class Base64Bytes {
  /** So that two copies of this package in one program agree. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && BASE64_BYTES in value;
  }

  readonly [BASE64_BYTES] = true;
  readonly bytes: Uint8Array;
  /** They do not change before they are sent: a frame need not have a copy of them. */
  readonly stays: boolean;
  readonly #written: (() => void) | undefined;

  /**
   * @param written - Called when the bytes are in a frame, or sent: their memory may be used again, and not before. Without it they may
   *   change as soon as the message is encoded.
   */
  constructor(bytes: Uint8Array, written?: () => void) {
    this.bytes = bytes;
    this.stays = written !== undefined;
    this.#written = written;
  }

  /** Bytes whose memory stays as it is until the far end has answered. */
  static kept(bytes: Uint8Array): Base64Bytes {
    return new Base64Bytes(bytes, () => {});
  }

  /** Length of the text. */
  get textLength(): number {
    return Math.ceil(this.bytes.byteLength / 3) * 4;
  }

  /** Write the text to `target` from `start` on, where there must be room for it. */
  writeTo(target: Uint8Array, start: number): void {
    const text = asBuffer(target);
    const bytes = asBuffer(this.bytes);
    const step = bytes.length <= WHOLE_MAX_BYTES ? WHOLE_MAX_BYTES : PIECE_BYTES;
    let at = start;
    for (let from = 0; from < bytes.length; from += step) {
      at += text.write(bytes.toString("base64", from, from + step), at, "latin1");
    }
    this.written();
  }

  /** To be called when the bytes are of no more use to a frame. */
  written(): void {
    this.#written?.();
  }

  toString(): string {
    return asBuffer(this.bytes).toString("base64");
  }

  toJSON(): string {
    return this.toString();
  }
}
