import { BinaryFrame, type FramePort } from "@holdfast/rpc";
import { OFFER_LIMITS } from "./limits.ts";

/** A stream with something to send. */
export interface FrameSource {
  /** One frame with one record; undefined where there is nothing that may go now. */
  nextFrame(): Uint8Array | undefined;
}

/**
 * All streams of a socket, one record each in turn. The socket is given little at a time: what a stream has to say waits behind that, and behind
 * one record of each other stream, however much those have.
 */
export class FairSender {
  readonly #port: FramePort;
  /** In the order of their turns. */
  readonly #waiting = new Set<FrameSource>();
  #turn: "none" | "running" = "none";

  constructor(port: FramePort) {
    this.#port = port;
  }

  /** Before all records: a reset, a hold, an answer to a handshake. */
  control(frame: Uint8Array): void {
    this.#put(frame);
    // Who makes us answer without end, and does not read it, has seen the last of this socket.
    const { queuedBytes } = this.#port;
    if (queuedBytes > OFFER_LIMITS.socketHighWaterBytes + OFFER_LIMITS.maxQueuedControlBytes) {
      this.#port.destroy("the relay does not read what it is answered");
    }
  }

  /** There is something to send, or it may be sent again. */
  ready(source: FrameSource): void {
    this.#waiting.add(source);
    this.pump();
  }

  remove(source: FrameSource): void {
    this.#waiting.delete(source);
  }

  /** The socket may have room. */
  pump(): void {
    // What a stream is told while its record is made may have it send more: that comes behind the record.
    if (this.#turn === "running") return;
    this.#turn = "running";
    try {
      this.#pump();
    } finally {
      this.#turn = "none";
    }
  }

  #pump(): void {
    for (const source of this.#waiting) {
      if (!this.#port.writable) return;
      // A set goes on with what is added while it is walked through: to the end of the row.
      this.#waiting.delete(source);
      const frame = source.nextFrame();
      if (frame === undefined) continue;
      this.#put(frame);
      this.#waiting.add(source);
    }
  }

  #put(frame: Uint8Array): void {
    this.#port.send(new BinaryFrame([frame]));
  }
}
