import { badFrames, type FrameFault } from "./bad-frames.ts";
import { chooser, type FrameChoice } from "./choose.ts";
import type { Frame, FrameLine } from "./frame-line.ts";

interface Held {
  readonly frame: Frame;
  readonly pass: (frame: Frame) => void;
}

/**
 * Frames of one line that come when a later line is in use already, as from a relay that queues. Wrap every line of a
 * client with the same object, in order.
 */
export class LateGeneration {
  readonly #choice: FrameChoice;
  #held: Held[] = [];
  #newest: ((frame: Frame) => void) | undefined;
  #generation = 0;

  /** @param choice - Frames of the first line that are held back. */
  constructor(choice: FrameChoice) {
    this.#choice = choice;
  }

  /** Frames that are held back. */
  get heldCount(): number {
    return this.#held.length;
  }

  wrap<Transport, Close>(port: FrameLine<Transport, Close>): FrameLine<Transport, Close> {
    this.#generation += 1;
    const isChosen = this.#generation === 1 ? chooser(this.#choice) : () => false;
    const inbound: FrameFault = (frame, pass) => {
      if (isChosen(frame)) this.#held.push({ frame, pass });
      else pass(frame);
    };
    const wrapped = badFrames(port, { inbound });
    const open: typeof wrapped.open = (receiver) => {
      this.#newest = (frame) => receiver.frame(frame);
      wrapped.open(receiver);
    };
    return {
      ...wrapped,
      get queuedBytes() {
        return port.queuedBytes;
      },
      get writable() {
        return port.writable;
      },
      open,
    };
  }

  /** Deliver what was held, on its `own` line, however closed that is, or on the `newest` one. */
  release(on: "own" | "newest"): void {
    const held = this.#held;
    this.#held = [];
    for (const { frame, pass } of held) {
      if (on === "own") pass(frame);
      else this.#newest?.(frame);
    }
  }
}
