import { BinaryFrame } from "@holdfast/protocol-kit";
import type { FrameReceiver, InboundFrame, PortClose } from "../frame-port.ts";
import { dataOf } from "./data-of.ts";

const decoder = new TextDecoder();

/** Records the callbacks of a port, and lets a test wait for it. */
export class RecordingReceiver implements FrameReceiver {
  /** As text, whatever they came as. */
  readonly frames: string[] = [];
  /** Those of them that were binary messages. */
  readonly binaries: Uint8Array[] = [];
  readonly closes: PortClose[] = [];
  drains = 0;
  /** Called after each frame, e.g. to pause the port from inside. */
  onFrame: ((text: string) => void) | undefined;
  #waiters: { readonly met: () => boolean; readonly resolve: () => void }[] = [];

  frame(frame: InboundFrame): void {
    if (frame instanceof BinaryFrame) this.binaries.push(frame.whole());
    const bytes = dataOf(frame);
    const text = typeof bytes === "string" ? bytes : decoder.decode(bytes);
    this.frames.push(text);
    this.onFrame?.(text);
    this.#wake();
  }

  drained(): void {
    this.drains += 1;
    this.#wake();
  }

  closed(close: PortClose): void {
    this.closes.push(close);
    this.#wake();
  }

  /** Resolves once `count` frames have arrived. */
  async framesArrived(count: number): Promise<readonly string[]> {
    await this.#when(() => this.frames.length >= count);
    return this.frames;
  }

  async drainedOnce(): Promise<void> {
    await this.#when(() => this.drains > 0);
  }

  async closedOnce(): Promise<PortClose> {
    await this.#when(() => this.closes.length > 0);
    const [close] = this.closes;
    if (close === undefined) throw new Error("unreachable: a close was awaited");
    return close;
  }

  #when(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ met, resolve }));
  }

  #wake(): void {
    const ready = this.#waiters.filter((waiter) => waiter.met());
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  }
}
