import { NATS_LIMITS } from "./limits.ts";
import type { Neighbour } from "./neighbour.ts";
import type { StreamMessage } from "./stream-message.ts";

/** What a half tells the end that it stands for. */
export interface HalfEnd {
  /** @returns false where the end takes no more: the stream is over. */
  frame(frame: Uint8Array): boolean;
  /** Whether the end may send on: the other end wants no more, or too much is on the way. */
  hold(isHeld: boolean): void;
  /** Nothing follows. */
  over(reason: string): void;
}

export interface HalfOptions {
  readonly end: HalfEnd;
  /** Bring it to the other half: in order, once or not at all. */
  readonly carry: (message: StreamMessage) => void;
  /** The node of the other half; nothing where both are on this one. */
  readonly neighbour?: Neighbour | undefined;
  /** Whether the other half has to say first that it is there. */
  readonly awaitsConfirmation: boolean;
  readonly nowMs: number;
  /** It is over, from either side. */
  readonly onOver: () => void;
}

export const FRAMES_LOST = "frames of the stream were lost between two nodes of the relay";
const TOO_SLOW = "more of the stream was sent than goes between two nodes of the relay";
const NOT_TAKEN = "the executor does not take what is sent to it";
const NEVER_WANTED = "the stream was opened and never used";

const NUMBERS = 2 ** 32;

interface OnTheWay {
  readonly bytes: number;
  readonly sentMs: number;
}

/**
 * One end's half of a stream; the other one may be on another node. What is between them may lose messages and says nothing of it, and what a Noise
 * channel has lost it can't have again: frames are numbered and acknowledged, so that a loss is seen, and the stream is over then.
 */
export class StreamHalf {
  readonly neighbour: Neighbour | undefined;
  readonly #options: HalfOptions;
  readonly #onTheWay: OnTheWay[] = [];
  #onTheWayBytes = 0;
  #isOver = false;
  #isConfirmed: boolean;
  #sent = 0;
  #acknowledged = 0;
  #arrived = 0;
  #unacknowledgedBytes = 0;
  #isHeldThere = false;
  #isWindowFull = false;
  #isHeld = false;
  #wantsHold = false;

  constructor(options: HalfOptions) {
    this.#options = options;
    this.neighbour = options.neighbour;
    this.#isConfirmed = !options.awaitsConfirmation;
    options.neighbour?.halves.add(this);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Tell the other half that its answer came and that the stream is wanted. */
  confirm(): void {
    if (!this.#isOver) this.#options.carry({ kind: "arrived", number: 0 });
  }

  send(frame: Uint8Array, nowMs: number): void {
    if (this.#isOver) return;
    const number = this.#sent;
    this.#sent = (number + 1) % NUMBERS;
    const { neighbour } = this;
    if (neighbour !== undefined) {
      this.#onTheWay.push({ bytes: frame.byteLength, sentMs: nowMs });
      this.#count(frame.byteLength);
      if (
        this.#onTheWayBytes > NATS_LIMITS.onTheWayMaxBytes ||
        neighbour.onTheWayBytes > NATS_LIMITS.onTheWayOfNodeMaxBytes
      ) {
        this.fail(TOO_SLOW);
        return;
      }
    }
    this.#options.carry({ kind: "frame", number, frame });
    if (neighbour !== undefined) this.#lookAtWindow(neighbour);
  }

  /** Ask the other end to hold, or to go on. */
  hold(isHeld: boolean): void {
    if (this.#isOver || this.#wantsHold === isHeld) return;
    this.#wantsHold = isHeld;
    this.#options.carry({ kind: "hold", isHeld });
  }

  /** This end is gone. It is told nothing more; the other one is told. */
  close(reason: string): void {
    if (this.#isOver) return;
    this.#end();
    this.#options.carry({ kind: "over", reason });
  }

  /** The other half can't be reached: only this end is told. */
  abandon(reason: string): void {
    if (this.#isOver) return;
    this.#end();
    this.#options.end.over(reason);
  }

  /** Over for both ends. */
  fail(reason: string): void {
    if (this.#isOver) return;
    this.close(reason);
    this.#options.end.over(reason);
  }

  receive(message: StreamMessage): void {
    if (this.#isOver) return;
    this.#isConfirmed = true;
    switch (message.kind) {
      case "frame":
        this.#takeFrame(message.number, message.frame);
        return;
      case "arrived":
        this.#takeArrived(message.number);
        return;
      case "hold":
        this.#isHeldThere = message.isHeld;
        this.#lookAtHold();
        return;
      case "over":
        this.abandon(message.reason);
        return;
    }
  }

  /** Acknowledge what is left, and find what never arrived. Called every second or so. */
  tick(nowMs: number): void {
    if (this.#isOver) return;
    if (this.#unacknowledgedBytes > 0) this.#acknowledge();
    const [oldest] = this.#onTheWay;
    if (oldest !== undefined && nowMs - oldest.sentMs > NATS_LIMITS.acknowledgeTimeoutMs) this.fail(FRAMES_LOST);
    else if (!this.#isConfirmed && nowMs - this.#options.nowMs > NATS_LIMITS.confirmTimeoutMs) this.fail(NEVER_WANTED);
  }

  #takeFrame(number: number, frame: Uint8Array): void {
    if (number !== this.#arrived) {
      this.fail(FRAMES_LOST);
      return;
    }
    this.#arrived = (number + 1) % NUMBERS;
    this.#unacknowledgedBytes += Math.max(1, frame.byteLength);
    if (!this.#options.end.frame(frame)) {
      this.fail(NOT_TAKEN);
      return;
    }
    const isDue = this.#unacknowledgedBytes >= NATS_LIMITS.acknowledgeEveryBytes;
    if (isDue && this.neighbour !== undefined && !this.#isOver) this.#acknowledge();
  }

  #acknowledge(): void {
    this.#unacknowledgedBytes = 0;
    if (this.neighbour !== undefined) this.#options.carry({ kind: "arrived", number: this.#arrived });
  }

  #takeArrived(number: number): void {
    const { neighbour } = this;
    const count = (number - this.#acknowledged + NUMBERS) % NUMBERS;
    if (neighbour === undefined || count > this.#onTheWay.length) return;
    this.#acknowledged = number;
    const bytes = this.#onTheWay.splice(0, count).reduce((sum, frame) => sum + frame.bytes, 0);
    this.#count(-bytes);
    this.#lookAtWindow(neighbour);
  }

  /** Full beyond the window, and free again below the half of it. */
  #lookAtWindow(neighbour: Neighbour): void {
    const { windowBytes } = neighbour;
    this.#isWindowFull = this.#onTheWayBytes > (this.#isWindowFull ? windowBytes / 2 : windowBytes);
    this.#lookAtHold();
  }

  #lookAtHold(): void {
    const isHeld = this.#isHeldThere || this.#isWindowFull;
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#options.end.hold(isHeld);
  }

  #end(): void {
    this.#isOver = true;
    this.#count(-this.#onTheWayBytes);
    this.#onTheWay.length = 0;
    this.neighbour?.halves.delete(this);
    this.#options.onOver();
  }

  #count(bytes: number): void {
    this.#onTheWayBytes += bytes;
    if (this.neighbour !== undefined) this.neighbour.onTheWayBytes += bytes;
  }
}
