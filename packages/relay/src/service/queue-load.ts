import type { FramePort } from "@holdfast/rpc";
import { SERVICE_LIMITS } from "./limits.ts";

/** What waits in all sockets that are full. In the others there is little, and it leaves by itself. */
export class QueueLoad {
  readonly #queued = new Map<FramePort, number>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a port may get one more message. @param maxBytes - That may wait in it. */
  mayQueue({ queuedBytes }: FramePort, maxBytes: number): boolean {
    if (queuedBytes < SERVICE_LIMITS.highWaterBytes) return true;
    return queuedBytes < maxBytes && this.#bytes < SERVICE_LIMITS.maxQueuedBytes;
  }

  /** To be called after each message to a port, and when it has drained. */
  changed(port: FramePort): void {
    const before = this.#queued.get(port);
    if (port.writable) {
      if (before !== undefined) this.gone(port);
      return;
    }
    const now = port.queuedBytes;
    this.#queued.set(port, now);
    this.#bytes += now - (before ?? 0);
  }

  gone(port: FramePort): void {
    this.#bytes -= this.#queued.get(port) ?? 0;
    this.#queued.delete(port);
  }
}
