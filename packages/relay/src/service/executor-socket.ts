import { decodeFrame } from "@holdfast/relay-protocol";
import { BinaryFrame, type FramePort, type InboundFrame, type PortClose } from "@holdfast/rpc";
import { closeText } from "./close-text.ts";
import { frameHead } from "./frame-head.ts";
import { freeFrame } from "./free-frame.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import type { ExecutorEnd, ExecutorRoute } from "./ports.ts";
import type { QueueLoad } from "./queue-load.ts";
import type { Traffic } from "./traffic.ts";

/** Close codes of the websocket protocol. */
const UNSUPPORTED = 1003;
const TRY_AGAIN = 1013;

export interface ExecutorSocketParts {
  readonly port: FramePort;
  readonly load: QueueLoad;
  readonly traffic: Traffic;
  /** Whether the executor holds a stream when it is asked to. */
  readonly holdsStreams: boolean;
}

/** The socket of an executor, which carries the streams of all its harnesses. */
export class ExecutorSocket implements ExecutorEnd {
  readonly #port: FramePort;
  readonly #load: QueueLoad;
  readonly #traffic: Traffic;
  readonly #holdsStreams: boolean;
  #route: ExecutorRoute | undefined;
  /** Streams that sent while the socket was full. */
  readonly #waiting = new Set<string>();
  /** Streams that the executor wants no more of for now. */
  readonly #held = new Set<string>();
  /** Streams whose harnesses can take no more, and which the executor does not hold. */
  readonly #stalling = new Set<string>();

  constructor({ port, load, traffic, holdsStreams }: ExecutorSocketParts) {
    this.#port = port;
    this.#load = load;
    this.#traffic = traffic;
    this.#holdsStreams = holdsStreams;
  }

  /**
   * Begin to read.
   *
   * @param route - Made with this as its end.
   * @param onClosed - Called once, when nothing is left of the socket and of its route.
   */
  open(route: ExecutorRoute, onClosed: (reason: string) => void): void {
    this.#route = route;
    this.#port.open({
      frame: (frame) => this.#onFrame(route, frame),
      drained: () => this.#onDrained(route),
      sent: freeFrame,
      closed: (close) => void this.#onClosed(route, close, onClosed),
    });
  }

  frame(streamId: string, frame: Uint8Array): boolean {
    if (!this.#load.mayQueue(this.#port, SERVICE_LIMITS.maxExecutorQueueBytes)) {
      this.#traffic.streamEnded("executor_full");
      return false;
    }
    this.#traffic.sent(frame.byteLength);
    this.#port.send(new BinaryFrame([frame]));
    if (this.#port.writable) return true;
    this.#load.changed(this.#port);
    if (this.#waiting.has(streamId)) return true;
    this.#waiting.add(streamId);
    this.#traffic.held();
    this.#route?.hold(streamId, true);
    return true;
  }

  stall(streamId: string, isStalled: boolean): boolean {
    // What is on the way comes, and no more; the others go on meanwhile.
    if (this.#holdsStreams) return false;
    const wasReading = this.#stalling.size === 0;
    if (isStalled) this.#stalling.add(streamId);
    else this.#stalling.delete(streamId);
    const isReading = this.#stalling.size === 0;
    if (isReading && !wasReading) this.#port.resume();
    else if (!isReading && wasReading) this.#port.pause();
    return true;
  }

  replaced(): void {
    this.#port.close(TRY_AGAIN, "another connection of this executor took its place");
  }

  #onFrame(route: ExecutorRoute, frame: InboundFrame): void {
    if (!(frame instanceof BinaryFrame)) {
      this.#port.close(UNSUPPORTED, "frames of the relay are binary messages");
      return;
    }
    const bytes = frame.whole();
    this.#traffic.received(bytes.byteLength);
    const head = frameHead(bytes);
    if (head === undefined) {
      this.#traffic.dropped("unreadable");
      return;
    }
    const { kind, streamId } = head;
    if (kind === "heartbeat" && this.#heedHold(route, streamId, bytes)) return;
    if (kind === "reset") this.#held.delete(streamId);
    if (!route.send(streamId, bytes)) this.#traffic.dropped("no_stream");
  }

  /** @returns false where the frame says nothing to the relay. */
  #heedHold(route: ExecutorRoute, streamId: string, bytes: Uint8Array): boolean {
    const { body } = decodeFrame(bytes);
    if (body.kind !== "heartbeat" || body.hold === undefined) return false;
    if (body.hold) {
      if (this.#held.size >= SERVICE_LIMITS.maxHeldStreams) return true;
      this.#held.add(streamId);
      route.hold(streamId, true);
    } else if (this.#held.delete(streamId) && !this.#waiting.has(streamId)) route.hold(streamId, false);
    return true;
  }

  #onDrained(route: ExecutorRoute): void {
    this.#load.changed(this.#port);
    const streams = [...this.#waiting];
    this.#waiting.clear();
    for (const streamId of streams) if (!this.#held.has(streamId)) route.hold(streamId, false);
  }

  async #onClosed(route: ExecutorRoute, close: PortClose, onClosed: (reason: string) => void): Promise<void> {
    this.#load.gone(this.#port);
    await route.close();
    onClosed(closeText(close));
  }
}
