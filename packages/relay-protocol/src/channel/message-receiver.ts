import { RELAY_LIMITS } from "../limits.ts";
import type { RecordOpener } from "../noise/channel.ts";
import { ChannelError } from "./channel-error.ts";
import { MessageAssembler } from "./message-assembler.ts";

const { maxHeldCiphertextBytes, maxReorderDistance, maxRpcMessageBytes } = RELAY_LIMITS;

export interface MessageReceiverOptions {
  /** Of one message, bytes; at most, and by default, 64 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** Memory for a message that comes in several records; by default its own. */
  readonly allocate?: ((bytes: number) => Uint8Array) | undefined;
}

/** Puts records in order, opens them, and gives the messages that they carry. The first thing that is wrong ends it. */
export class MessageReceiver {
  readonly #opener: RecordOpener;
  readonly #assembler: MessageAssembler;
  readonly #held = new Map<number, Uint8Array>();
  #heldBytes = 0;
  #isOver = false;

  constructor(opener: RecordOpener, { maxMessageBytes, allocate }: MessageReceiverOptions = {}) {
    this.#opener = opener;
    this.#assembler = new MessageAssembler({
      maxMessageBytes: Math.min(maxMessageBytes ?? maxRpcMessageBytes, maxRpcMessageBytes),
      allocate: allocate ?? ((bytes) => Buffer.allocUnsafeSlow(bytes)),
    });
  }

  /**
   * @param ciphertext - One record. Kept for later, it is copied.
   * @returns The messages that are whole now, in order. What came before is dropped without a word: the first copy counts.
   * @throws ChannelError or NoiseError, then the stream is over.
   */
  receive(sequence: number, ciphertext: Uint8Array): readonly Uint8Array[] {
    if (this.#isOver) throw new ChannelError("the stream is over");
    try {
      return this.#receive(sequence, ciphertext);
    } catch (error) {
      this.wipe();
      throw error;
    }
  }

  #receive(sequence: number, ciphertext: Uint8Array): readonly Uint8Array[] {
    const distance = sequence - this.#opener.nextSequence;
    if (distance < 0 || this.#held.has(sequence)) return [];
    if (distance > maxReorderDistance) throw new ChannelError("Noise relay ciphertext exceeds reorder window");
    if (distance > 0) {
      this.#hold(sequence, ciphertext);
      return [];
    }
    const messages: Uint8Array[] = [];
    this.#assembler.add(this.#opener.open(ciphertext), messages);
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      this.#assembler.add(this.#opener.open(next), messages);
    }
    return messages;
  }

  #hold(sequence: number, ciphertext: Uint8Array): void {
    if (this.#heldBytes + ciphertext.length > maxHeldCiphertextBytes) {
      throw new ChannelError("Noise relay pending ciphertext buffer is full");
    }
    this.#held.set(sequence, Uint8Array.from(ciphertext));
    this.#heldBytes += ciphertext.length;
  }

  #take(): Uint8Array | undefined {
    const sequence = this.#opener.nextSequence;
    const held = this.#held.get(sequence);
    if (held === undefined) return undefined;
    this.#held.delete(sequence);
    this.#heldBytes -= held.length;
    return held;
  }

  /** Nothing can be received from now on. */
  wipe(): void {
    this.#isOver = true;
    this.#held.clear();
    this.#heldBytes = 0;
    this.#assembler.wipe();
    this.#opener.wipe();
  }
}
