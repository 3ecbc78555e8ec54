import { freeWhole } from "../free-whole.ts";
import { ChannelError } from "./channel-error.ts";
import { PREFIX_BYTES } from "./message-kind.ts";

/** Memory that a message may have before as much of it has come. */
const FIRST_BYTES = 1024 * 1024;
const GROWTH = 4;

export interface AssemblerOptions {
  readonly maxMessageBytes: number;
  /** Memory for a message that comes in several records. */
  readonly allocate: (bytes: number) => Uint8Array;
}

/** Whole messages from a stream of bytes that was cut anywhere. */
export class MessageAssembler {
  readonly #options: AssemblerOptions;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  /** Of the message that is on its way; its length is known. */
  #body: Uint8Array | undefined;
  #length = 0;
  #received = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  /**
   * @param bytes - What came next, which belongs to the messages from now on.
   * @throws ChannelError a length that no message can have; what was whole before it is lost, as the stream is over.
   */
  add(bytes: Uint8Array, messages: Uint8Array[]): void {
    let at = 0;
    let isView = false;
    while (at < bytes.length) {
      if (this.#prefixBytes < PREFIX_BYTES) {
        this.#prefix[this.#prefixBytes] = bytes[at] ?? 0;
        this.#prefixBytes += 1;
        at += 1;
        if (this.#prefixBytes === PREFIX_BYTES) this.#begin();
        continue;
      }
      const missing = this.#length - this.#received;
      const piece = bytes.subarray(at, at + missing);
      at += piece.length;
      if (piece.length === this.#length) {
        messages.push(piece);
        isView = true;
        this.#end();
      } else {
        this.#keep(piece);
        if (this.#received === this.#length) {
          if (this.#body !== undefined) messages.push(this.#body);
          this.#end();
        }
      }
    }
    if (!isView) freeWhole(bytes);
  }

  #begin(): void {
    this.#length = this.#prefix.readUInt32BE(0);
    if (this.#length < 1 || this.#length > this.#options.maxMessageBytes) {
      throw new ChannelError("Noise relay JSON-RPC message has invalid length");
    }
  }

  /** A length is only a claim: memory grows with what has come. */
  #keep(piece: Uint8Array): void {
    const needed = this.#received + piece.length;
    const had = this.#body;
    if (had === undefined || needed > had.length) {
      const bytes = Math.min(this.#length, Math.max(FIRST_BYTES, needed, (had?.length ?? 0) * GROWTH));
      this.#body = this.#options.allocate(bytes);
      if (had !== undefined) this.#body.set(had.subarray(0, this.#received));
    }
    this.#body?.set(piece, this.#received);
    this.#received = needed;
  }

  #end(): void {
    this.#body = undefined;
    this.#prefixBytes = 0;
    this.#received = 0;
    this.#length = 0;
  }

  /** Let go of what has come. */
  wipe(): void {
    this.#body?.fill(0);
    this.#end();
  }
}
