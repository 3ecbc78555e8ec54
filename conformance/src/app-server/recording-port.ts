import { BinaryFrame, type FramePort, type FrameReceiver, type OutboundFrame } from "@holdfast/rpc";

/** One message as it crossed the wire, and who sent it. */
export interface RecordedFrame {
  readonly from: "client" | "server";
  readonly text: string;
}

function textOf(frame: OutboundFrame): string {
  const data = frame instanceof BinaryFrame ? frame.whole() : frame;
  return typeof data === "string" ? data : Buffer.from(data).toString("utf8");
}

/** A port that keeps what passes through it, in order. */
export class RecordingPort implements FramePort {
  readonly frames: RecordedFrame[] = [];
  readonly transport: FramePort["transport"];
  readonly peerName: string;
  readonly #port: FramePort;

  constructor(port: FramePort) {
    this.#port = port;
    this.transport = port.transport;
    this.peerName = port.peerName;
  }

  get queuedBytes(): number {
    return this.#port.queuedBytes;
  }

  get writable(): boolean {
    return this.#port.writable;
  }

  get isEnding(): boolean {
    return this.#port.isEnding === true;
  }

  open(receiver: FrameReceiver): void {
    this.#port.open({
      frame: (frame) => {
        this.frames.push({ from: "server", text: textOf(frame) });
        receiver.frame(frame);
      },
      drained: () => receiver.drained(),
      closed: (close) => receiver.closed(close),
    });
  }

  send(frame: OutboundFrame): void {
    this.frames.push({ from: "client", text: textOf(frame) });
    this.#port.send(frame);
  }

  pause(): void {
    this.#port.pause();
  }

  resume(): void {
    this.#port.resume();
  }

  close(code: number, reason: string): void {
    this.#port.close(code, reason);
  }

  destroy(reason: string, cause?: unknown): void {
    this.#port.destroy(reason, cause);
  }
}
