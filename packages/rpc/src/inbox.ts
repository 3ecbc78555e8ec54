import { Fifo } from "./fifo.ts";
import type { FrameReceiver, InboundFrame, PortClose } from "./frame-port.ts";

type InboxState =
  | { readonly kind: "unopened" }
  | { readonly kind: "flowing"; readonly receiver: FrameReceiver }
  | { readonly kind: "paused"; readonly receiver: FrameReceiver }
  | { readonly kind: "done" };

/**
 * The delivering end of a port: keeps what arrived before `open` or during a pause, and hands it on in order.
 *
 * Nothing is delivered inside `open`. The close comes after every frame that arrived before it, and once. What
 * is kept is bounded by the transport, which stops reading when it is told to pause.
 */
export class Inbox {
  #state: InboxState = { kind: "unopened" };
  readonly #kept = new Fifo<InboundFrame>();
  #keptLength = 0;
  #close: PortClose | undefined;
  #delivery: "idle" | "scheduled" | "running" = "idle";
  readonly #onEmpty: () => void;

  /** @param onEmpty - Called when a resumed inbox has handed on all it kept: the transport may read again. */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  get flowing(): boolean {
    return this.#state.kind === "flowing";
  }

  /** Frames that wait. */
  get keptCount(): number {
    return this.#kept.length;
  }

  /** Their length in all: bytes, or characters of those that are text. */
  get keptLength(): number {
    return this.#keptLength;
  }

  open(receiver: FrameReceiver): void {
    if (this.#state.kind !== "unopened") throw new Error("a frame port can be opened only once");
    this.#state = { kind: "flowing", receiver };
    this.#schedule();
  }

  frame(frame: InboundFrame): void {
    if (this.#close !== undefined || this.#state.kind === "done") return;
    if (this.#state.kind === "flowing" && this.#delivery === "idle") this.#state.receiver.frame(frame);
    else this.#keep(frame);
  }

  #keep(frame: InboundFrame): void {
    this.#kept.push(frame);
    this.#keptLength += frame.length;
  }

  drained(): void {
    if (this.#state.kind === "flowing" || this.#state.kind === "paused") this.#state.receiver.drained();
  }

  sent(frame: Uint8Array): void {
    if (this.#state.kind === "flowing" || this.#state.kind === "paused") this.#state.receiver.sent?.(frame);
  }

  /** The line ended by itself: what arrived before is still handed on first. */
  closeAfterKept(close: PortClose): void {
    if (this.#close !== undefined) return;
    this.#close = close;
    if (this.#delivery === "idle") this.#deliver();
  }

  /** The line ended by its owner, or broke: what was kept is dropped. */
  closeNow(close: PortClose): void {
    this.#kept.clear();
    this.#keptLength = 0;
    if (this.#state.kind === "paused") this.#state = { kind: "flowing", receiver: this.#state.receiver };
    this.closeAfterKept(close);
  }

  pause(): void {
    if (this.#state.kind === "flowing") this.#state = { kind: "paused", receiver: this.#state.receiver };
  }

  resume(): void {
    if (this.#state.kind !== "paused") return;
    this.#state = { kind: "flowing", receiver: this.#state.receiver };
    if (this.#delivery === "idle") this.#schedule();
  }

  #schedule(): void {
    this.#delivery = "scheduled";
    queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    this.#delivery = "running";
    while (this.#state.kind === "flowing") {
      const frame = this.#kept.shift();
      if (frame === undefined) break;
      this.#keptLength -= frame.length;
      this.#state.receiver.frame(frame);
    }
    this.#delivery = "idle";
    if (this.#state.kind !== "flowing") return;
    if (this.#close === undefined) this.#onEmpty();
    else this.#finish(this.#state.receiver, this.#close);
  }

  #finish(receiver: FrameReceiver, close: PortClose): void {
    this.#state = { kind: "done" };
    receiver.closed(close);
  }
}
