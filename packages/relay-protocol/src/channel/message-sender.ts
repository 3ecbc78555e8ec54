import { RELAY_LIMITS } from "../limits.ts";
import type { RecordSealer } from "../noise/channel.ts";
import { ChannelError } from "./channel-error.ts";
import { type Message, MessageCutter } from "./message-cutter.ts";

const { maxRecordBytes, maxSequence, recordTagBytes } = RELAY_LIMITS;

/** Where a record goes. */
export interface RecordSlot {
  /** Room for the record from `at` on. */
  readonly target: Uint8Array<ArrayBuffer>;
  readonly at: number;
}

/** Cuts messages into records: a length and the bytes, and a record of its own for each message. */
export class MessageSender {
  readonly #sealer: RecordSealer;
  #state: "ready" | "sending" | "over" = "ready";

  constructor(sealer: RecordSealer) {
    this.#sealer = sealer;
  }

  /**
   * All of a message at once. Who has several streams to send cuts it by a {@link MessageCutter} instead.
   *
   * @param message - 1 byte to 64 MiB.
   * @param emit - Called for each record, in order, before this returns.
   * @throws ChannelError the message is too long, or the numbers are used up: nothing was emitted.
   */
  send(message: Message, emit: (sequence: number, record: Uint8Array<ArrayBuffer>) => void): void {
    this.sendInto(
      message,
      (_sequence, bytes) => ({ target: Buffer.allocUnsafe(bytes), at: 0 }),
      (sequence, { target }) => emit(sequence, target),
    );
  }

  /**
   * As {@link send}, with each record sealed to where it goes on from, such as the middle of a frame.
   *
   * @param slotFor - Room for a record of so many bytes.
   * @param emit - Called when the record is in its slot.
   */
  sendInto<Slot extends RecordSlot>(
    message: Message,
    slotFor: (sequence: number, bytes: number) => Slot,
    emit: (sequence: number, slot: Slot) => void,
  ): void {
    if (this.#state !== "ready") throw new ChannelError("the stream is over");
    const cutter = new MessageCutter(message);
    if (this.#sealer.nextSequence + cutter.recordsLeft > maxSequence) {
      throw new ChannelError("Noise relay sequence number exhausted");
    }
    // A message that stopped in the middle can't be taken up again, and one inside another could not be told apart.
    this.#state = "sending";
    try {
      while (cutter.bytesLeft > 0) {
        const bytes = Math.min(cutter.bytesLeft, maxRecordBytes) + recordTagBytes;
        const sequence = this.#sealer.nextSequence;
        const slot = slotFor(sequence, bytes);
        this.#sealer.sealInto(slot.target, slot.at, cutter.next());
        emit(sequence, slot);
      }
      this.#state = "ready";
    } finally {
      if (this.#state === "sending") this.wipe();
    }
  }

  /** Nothing can be sent from now on. */
  wipe(): void {
    this.#state = "over";
    this.#sealer.wipe();
  }
}
