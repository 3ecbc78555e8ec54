import type { FramePort, FrameReceiver, OutboundFrame } from "@holdfast/rpc";

/** Size of the inbound frames that may be handed on before everybody else gets a turn. */
const BURST_MAX_LENGTH = 256 * 1024;

/**
 * A port whose inbound side can be held from outside, besides by its owner.
 *
 * What the executor sends is output, and the terminal or program that reads ours may be slow. Holding the line makes the
 * executor stop reading from the command, so that nothing piles up in between. Outbound frames are not affected.
 */
export class HoldablePort implements FramePort {
  readonly #port: FramePort;
  #owner: "flowing" | "paused" = "flowing";
  #holds = 0;
  #burstLength = 0;

  constructor(port: FramePort) {
    this.#port = port;
  }

  get transport(): FramePort["transport"] {
    return this.#port.transport;
  }

  get peerName(): string {
    return this.#port.peerName;
  }

  get queuedBytes(): number {
    return this.#port.queuedBytes;
  }

  get writable(): boolean {
    return this.#port.writable;
  }

  open(receiver: FrameReceiver): void {
    this.#port.open({
      frame: (frame) => {
        receiver.frame(frame);
        this.#count(frame.length);
      },
      drained: () => receiver.drained(),
      closed: (close) => receiver.closed(close),
    });
  }

  send(frame: OutboundFrame): void {
    this.#port.send(frame);
  }

  pause(): void {
    this.#owner = "paused";
    this.#port.pause();
  }

  resume(): void {
    this.#owner = "flowing";
    this.#flow();
  }

  /** Take nothing from the line until every hold is released. */
  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.#port.pause();
  }

  release(): void {
    this.#holds -= 1;
    this.#flow();
  }

  close(code: number, reason: string): void {
    this.#port.close(code, reason);
  }

  destroy(reason: string, cause?: unknown): void {
    this.#port.destroy(reason, cause);
  }

  #count(length: number): void {
    this.#burstLength += length;
    if (this.#burstLength < BURST_MAX_LENGTH) return;
    this.#burstLength = 0;
    this.hold();
    setImmediate(() => this.release());
  }

  #flow(): void {
    if (this.#holds === 0 && this.#owner === "flowing") this.#port.resume();
  }
}
