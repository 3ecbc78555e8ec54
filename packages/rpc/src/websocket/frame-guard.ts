/** The largest frame and message that a websocket may carry inbound. */
export interface FrameLimits {
  readonly maxFrameBytes: number;
  readonly maxMessageBytes: number;
}

const FIN = 0x80;
const MASKED = 0x80;
const LENGTH = 0x7f;
const OPCODE = 0x0f;
const FIRST_CONTROL_OPCODE = 0x08;
const CONTINUATION = 0x00;
const LONGEST_HEAD_BYTES = 14;

/**
 * Reads along with the raw bytes of a websocket and tells, from a frame's head, that it is too large.
 *
 * The websocket library knows one limit, for messages; it has no separate one for frames, and gives no reason. Only
 * the heads are looked at, payloads are skipped; anything malformed is left for the library to complain about.
 */
export class FrameGuard {
  readonly #limits: FrameLimits;
  readonly #head = new Uint8Array(LONGEST_HEAD_BYTES);
  #headBytes = 0;
  #payloadBytes = 0;
  #payloadBytesLeft = 0;
  #messageBytes = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** What was scanned ends within a frame's payload. */
  get isWithinPayload(): boolean {
    return this.#payloadBytesLeft > 0;
  }

  /** Whether bytes that come next would be part of one payload that is longer than they are. */
  isPartOfPayload(bytes: number): boolean {
    return this.#payloadBytesLeft >= bytes && this.#payloadBytes > bytes;
  }

  /** @returns why the line must end, or `undefined` when all is well so far. */
  scan(chunk: Uint8Array): string | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadBytesLeft > 0) {
        const skipped = Math.min(this.#payloadBytesLeft, chunk.length - at);
        this.#payloadBytesLeft -= skipped;
        at += skipped;
        continue;
      }
      this.#head[this.#headBytes] = chunk[at] ?? 0;
      this.#headBytes += 1;
      at += 1;
      if (this.#headBytes < 2 || this.#headBytes < this.#wholeHeadBytes()) continue;
      const verdict = this.#judge();
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  #wholeHeadBytes(): number {
    const second = this.#head[1] ?? 0;
    const length = second & LENGTH;
    const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
    return 2 + extended + ((second & MASKED) === 0 ? 0 : 4);
  }

  #judge(): string | undefined {
    const opcode = (this.#head[0] ?? 0) & OPCODE;
    const isLast = ((this.#head[0] ?? 0) & FIN) !== 0;
    const payloadBytes = this.#readLength();
    this.#headBytes = 0;
    this.#payloadBytes = payloadBytes;
    this.#payloadBytesLeft = payloadBytes;
    if (opcode >= FIRST_CONTROL_OPCODE) return undefined;
    if (payloadBytes > this.#limits.maxFrameBytes) {
      return `frame of ${payloadBytes} bytes exceeds the limit of ${this.#limits.maxFrameBytes}`;
    }
    this.#messageBytes = (opcode === CONTINUATION ? this.#messageBytes : 0) + payloadBytes;
    if (this.#messageBytes > this.#limits.maxMessageBytes) {
      return `message of more than ${this.#limits.maxMessageBytes} bytes exceeds the limit`;
    }
    if (isLast) this.#messageBytes = 0;
    return undefined;
  }

  #readLength(): number {
    const length = (this.#head[1] ?? 0) & LENGTH;
    const bytes = length === 126 ? 2 : length === 127 ? 8 : 0;
    if (bytes === 0) return length;
    let value = 0;
    for (let index = 0; index < bytes; index += 1) value = value * 256 + (this.#head[2 + index] ?? 0);
    return value;
  }
}
