/** What a pipe gives at once; its text is still a string among the short-lived ones. */
const WHOLE_MAX_BYTES = 64 * 1024;

/** Of more than that. Whole triples. A text of megabytes beside the frame would double the memory, and it takes longer. */
const PIECE_BYTES = 24 * 1024;

/**
 * Bytes that go out as base64. A message carries them in place of the text; a codec of this package writes them straight
 * into the frame, and anything else that makes JSON of the message gets the text.
 *
 * Needs Node's `Buffer`. The bytes are read when the message is encoded: until then they must not change.
 */
export class Base64Bytes {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Length of the text. */
  get textLength(): number {
    return Math.ceil(this.bytes.byteLength / 3) * 4;
  }

  /** Write the text to `target` from `start` on, where there must be room for it. */
  writeTo(target: Buffer, start: number): void {
    const bytes = this.#asBuffer();
    const step = bytes.length <= WHOLE_MAX_BYTES ? WHOLE_MAX_BYTES : PIECE_BYTES;
    let at = start;
    for (let from = 0; from < bytes.length; from += step) {
      at += target.write(bytes.toString("base64", from, from + step), at, "latin1");
    }
  }

  toString(): string {
    return this.#asBuffer().toString("base64");
  }

  toJSON(): string {
    return this.toString();
  }

  #asBuffer(): Buffer {
    const { buffer, byteOffset, byteLength } = this.bytes;
    return Buffer.isBuffer(this.bytes) ? this.bytes : Buffer.from(buffer, byteOffset, byteLength);
  }
}

/** Members that hold base64, in every message they occur in. */
type Base64Member = "bodyBase64" | "chunk" | "dataBase64" | "deltaBase64";

/** Members that arrive at a server as bytes. It decodes `fs/writeFile`'s own `dataBase64` itself. */
type DecodedMember = Exclude<Base64Member, "dataBase64">;

/** Params as a server gets them: its base64 has been decoded. */
export type Received<T> = {
  [Name in keyof T]: Name extends DecodedMember ? Exclude<T[Name], string> | Buffer : T[Name];
};

/** A message as it may be given for sending: its base64 as text or as {@link Base64Bytes}. */
export type Sendable<T> = { [Name in keyof T]: Name extends Base64Member ? T[Name] | Base64Bytes : T[Name] };
