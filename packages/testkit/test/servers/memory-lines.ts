import type { FrameLine, FrameLineReceiver } from "@holdfast/testkit";

interface Close {
  readonly reason: string;
}

/** A server's end of a line, and the client's pen and ears. */
export class MemoryLine implements FrameLine<"memory", Close> {
  readonly transport = "memory";
  readonly peerName = "";
  readonly queuedBytes = 0;
  readonly writable = true;
  /** What the server sent. */
  readonly frames: string[] = [];
  ended: string | undefined;
  #receiver: FrameLineReceiver<Close> | undefined;
  #lastId = 0;

  get messages(): Record<string, unknown>[] {
    return this.frames.map((frame) => JSON.parse(frame) as Record<string, unknown>);
  }

  /** Call as a client does; resolves a turn later. */
  async call(method: string, params: object = {}): Promise<void> {
    this.#lastId += 1;
    this.#receiver?.frame(JSON.stringify({ id: this.#lastId, method, params }));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }

  open(receiver: FrameLineReceiver<Close>): void {
    this.#receiver = receiver;
  }
  send(frame: string): void {
    this.frames.push(frame);
  }
  pause(): void {}
  resume(): void {}
  close(_code: number, reason: string): void {
    this.destroy(reason);
  }
  destroy(reason: string): void {
    this.ended = reason;
    this.#receiver?.closed({ reason });
  }
}
