const EMPTY = Buffer.alloc(0);
const OPCODE = 0x0f;
const FIN = 0x80;
const LENGTH = 0x7f;
const FIRST_CONTROL_OPCODE = 0x08;

/** What a frame reader hands on. A payload is only valid until the call returns: its memory is used again. */
export interface FrameSink {
  message(payload: Buffer): void;
  control(opcode: number, payload: Buffer): void;
}

/**
 * Cuts a stream of bytes into the messages of a websocket server, without copying a message that lies whole in one read.
 *
 * Not a validating reader: it trusts the peer to speak the protocol, because it must cost next to nothing.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  /** Bytes of a frame, or of a fragmented message, that is not whole yet. Grows and is kept. */
  #held = Buffer.allocUnsafe(1 << 16);
  #heldBytes = 0;
  #wantedBytes = 0;
  #fragments: Buffer[] = [];

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#heldBytes === 0) {
        const used = this.#take(rest);
        if (used > 0) {
          rest = rest.subarray(used);
          continue;
        }
      }
      rest = this.#hold(rest);
    }
  }

  /** Collect until the frame that was begun is whole. @returns what lies behind it. */
  #hold(bytes: Buffer): Buffer {
    const missing = Math.max(this.#wantedBytes - this.#heldBytes, 1);
    const taken = Math.min(missing, bytes.length);
    this.#reserve(Math.max(this.#wantedBytes, this.#heldBytes + taken));
    bytes.copy(this.#held, this.#heldBytes, 0, taken);
    this.#heldBytes += taken;
    if (this.#heldBytes >= this.#wantedBytes) {
      const held = this.#held.subarray(0, this.#heldBytes);
      this.#heldBytes = this.#take(held) > 0 ? 0 : held.length;
    }
    return bytes.subarray(taken);
  }

  #reserve(bytes: number): void {
    if (this.#held.length >= bytes) return;
    const grown = Buffer.allocUnsafe(Math.max(bytes, this.#held.length * 2));
    this.#held.copy(grown, 0, 0, this.#heldBytes);
    this.#held = grown;
  }

  /** @returns the bytes of the frame at the start of `bytes`, or 0 when it is not whole. */
  #take(bytes: Buffer): number {
    const head = headOf(bytes);
    this.#wantedBytes = head.headBytes + head.payloadBytes;
    if (bytes.length < this.#wantedBytes) return 0;
    const payload = bytes.subarray(head.headBytes, this.#wantedBytes);
    const opcode = head.first & OPCODE;
    if (opcode >= FIRST_CONTROL_OPCODE) this.#sink.control(opcode, payload);
    else this.#message(payload, (head.first & FIN) !== 0);
    return this.#wantedBytes;
  }

  #message(payload: Buffer, isLast: boolean): void {
    const isWhole = isLast && this.#fragments.length === 0;
    if (!isWhole) this.#fragments.push(Buffer.from(payload));
    if (!isLast) return;
    const message = isWhole ? payload : Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.#sink.message(message);
  }
}

interface Head {
  readonly first: number;
  readonly headBytes: number;
  /** 0 while the head itself is not whole. */
  readonly payloadBytes: number;
}

/** A server's frames carry no mask. */
function headOf(bytes: Buffer): Head {
  const [first = 0, second = 0] = bytes.length < 2 ? EMPTY : bytes;
  const length = second & LENGTH;
  const headBytes = length === 126 ? 4 : length === 127 ? 10 : 2;
  if (bytes.length < headBytes) return { first, headBytes, payloadBytes: 0 };
  const payloadBytes =
    length === 126 ? bytes.readUInt16BE(2) : length === 127 ? Number(bytes.readBigUInt64BE(2)) : length;
  return { first, headBytes, payloadBytes };
}
