import { RELAY_LIMITS } from "../limits.ts";
import { ChannelError } from "./channel-error.ts";
import { PREFIX_BYTES } from "./message-kind.ts";

const { maxRecordBytes, maxRpcMessageBytes } = RELAY_LIMITS;

/** A message, or its parts one behind the other. */
export type Message = Uint8Array | readonly Uint8Array[];

/** A message on its way: its length and its bytes, cut into what records carry, one when it is asked for. Nothing is copied. */
export class MessageCutter {
  /** Bytes of the message. */
  readonly length: number;
  /** Of what is left; empty parts are none. */
  readonly #parts: Uint8Array[];
  #bytesLeft: number;

  /** @throws ChannelError it has not 1 byte to 64 MiB. */
  constructor(message: Message) {
    const parts = message instanceof Uint8Array ? [message] : message;
    this.length = parts.reduce((bytes, part) => bytes + part.length, 0);
    if (this.length < 1 || this.length > maxRpcMessageBytes) {
      throw new ChannelError("Noise relay JSON-RPC message has invalid length");
    }
    this.#parts = [prefixOf(this.length), ...parts.filter((part) => part.length > 0)];
    this.#bytesLeft = PREFIX_BYTES + this.length;
  }

  /** With the length in front, until the first record is cut. */
  get bytesLeft(): number {
    return this.#bytesLeft;
  }

  /** How many records it still makes. */
  get recordsLeft(): number {
    return Math.ceil(this.#bytesLeft / maxRecordBytes);
  }

  /**
   * The pieces of the next record; none when all is cut.
   *
   * @param maxBytes - What the record has room for. Default: a whole one.
   */
  next(maxBytes: number = maxRecordBytes): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let room = maxBytes;
    for (let [part] = this.#parts; part !== undefined && room > 0; [part] = this.#parts) {
      const piece = part.subarray(0, room);
      pieces.push(piece);
      room -= piece.length;
      if (piece.length === part.length) this.#parts.shift();
      else this.#parts[0] = part.subarray(piece.length);
    }
    this.#bytesLeft -= maxBytes - room;
    return pieces;
  }
}

function prefixOf(length: number): Uint8Array {
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt32BE(length);
  return prefix;
}
