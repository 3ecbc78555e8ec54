import type { FramePort } from "@holdfast/rpc";
import { HoldablePort } from "./holdable-port.ts";

/**
 * The inbound side of a line that may be replaced: a hold lasts over every port that takes the place of the one it was
 * made on.
 *
 * A new port flows until it is put in use: one that is held could not even answer the handshake.
 */
export class HoldableLine {
  #current: HoldablePort | undefined;
  #next: HoldablePort | undefined;
  #holds = 0;

  /** Wrap a port that is about to be used. */
  wrap(port: FramePort): HoldablePort {
    this.#next = new HoldablePort(port);
    return this.#next;
  }

  /** The port that was wrapped last is the line now; holds apply to it. */
  use(): void {
    if (this.#next === undefined) return;
    this.#current = this.#next;
    this.#next = undefined;
    for (let hold = 0; hold < this.#holds; hold += 1) this.#current.hold();
  }

  /** Take nothing from the line until every hold is released. */
  hold(): void {
    this.#holds += 1;
    this.#current?.hold();
  }

  release(): void {
    this.#holds -= 1;
    this.#current?.release();
  }
}
