import { RELAY_LIMITS } from "../limits.ts";
import { NoiseError } from "./noise-error.ts";

/** The parts of a handshake message, one after the other. */
export class MessageReader {
  readonly #message: Uint8Array;
  #at = 0;

  /** @throws NoiseError it is longer than any can be. */
  constructor(message: Uint8Array) {
    if (message.length > RELAY_LIMITS.maxNoiseMessageBytes) throw new NoiseError("handshake message is too large");
    this.#message = message;
  }

  /** @throws NoiseError the message ends before. */
  take(bytes: number): Uint8Array {
    const end = this.#at + bytes;
    if (end > this.#message.length) throw new NoiseError("handshake message is too short");
    const part = this.#message.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  rest(): Uint8Array {
    return this.take(this.#message.length - this.#at);
  }
}
