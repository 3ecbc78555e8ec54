import { BinaryFrame, type Clock, type FramePort, type InboundFrame, type PortClose, type Timer } from "@holdfast/rpc";
import { closeText } from "./close-text.ts";
import { frameHead } from "./frame-head.ts";
import { freeFrame } from "./free-frame.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import type { HarnessEnd, HarnessRoute, StreamRefusal } from "./ports.ts";
import type { QueueLoad } from "./queue-load.ts";
import type { Traffic } from "./traffic.ts";

/** Close codes of the websocket protocol. */
const PROTOCOL_ERROR = 1002;
const UNSUPPORTED = 1003;
const POLICY = 1008;
const TRY_AGAIN = 1013;

const REFUSALS: Readonly<Record<StreamRefusal, string>> = {
  "no-executor": "the executor is not connected",
  "stream-taken": "another connection has a stream of this id",
  "too-many-streams": "the executor has too many streams",
  unavailable: "the executor can not be reached now",
};

export interface HarnessSocketParts {
  readonly port: FramePort;
  readonly load: QueueLoad;
  readonly traffic: Traffic;
  readonly clock: Clock;
  openStream(streamId: string, end: HarnessEnd): Promise<HarnessRoute | StreamRefusal>;
  onOpened(streamId: string): void;
  /** Called once. @param streamId - Undefined where it had none. */
  onClosed(streamId: string | undefined, reason: string): void;
}

/** The socket of a harness, which is one stream: the one that its first frame names. */
export class HarnessSocket implements HarnessEnd {
  readonly #parts: HarnessSocketParts;
  readonly #handshake: Timer;
  /** Frames of the stream that came before there was a route. */
  readonly #early: Uint8Array[] = [];
  #streamId: string | undefined;
  #route: HarnessRoute | undefined;
  #isHeld = false;
  #isFull = false;
  /** Runs while nothing is read from the executor because of this one. */
  #stall: Timer | undefined;
  /** Why it ends, where that is known here. */
  #ending: string | undefined;
  #isGone = false;

  constructor(parts: HarnessSocketParts) {
    this.#parts = parts;
    this.#handshake = parts.clock.after(SERVICE_LIMITS.handshakeMs, () => {
      parts.traffic.streamEnded("no_handshake");
      this.#end(POLICY, "there was no handshake in time");
    });
  }

  /** Begin to read. */
  open(): void {
    this.#parts.port.open({
      frame: (frame) => this.#onFrame(frame),
      drained: () => this.#onDrained(),
      sent: freeFrame,
      closed: (close) => this.#onClosed(close),
    });
  }

  frame(frame: Uint8Array): void {
    const { port, load, traffic } = this.#parts;
    if (this.#ending !== undefined) return;
    this.#handshake.cancel();
    if (!load.mayQueue(port, SERVICE_LIMITS.maxHarnessQueueBytes)) {
      traffic.streamEnded("harness_full");
      this.#end(TRY_AGAIN, "this connection does not take what the executor sends");
      return;
    }
    traffic.sent(frame.byteLength);
    port.send(new BinaryFrame([frame]));
    if (port.writable) return;
    load.changed(port);
    if (port.queuedBytes > SERVICE_LIMITS.stallAboveBytes) this.#beginStall();
    if (this.#isFull) return;
    this.#isFull = true;
    traffic.held();
    this.#route?.hold(true);
  }

  #beginStall(): void {
    if (this.#stall !== undefined || this.#route?.stall(true) !== true) return;
    const { clock, traffic } = this.#parts;
    this.#stall = clock.after(SERVICE_LIMITS.maxStallMs, () => {
      traffic.streamEnded("harness_full");
      this.#end(TRY_AGAIN, "this connection does not take what the executor sends");
    });
  }

  #endStall(): void {
    if (this.#stall === undefined) return;
    this.#stall.cancel();
    this.#stall = undefined;
    this.#route?.stall(false);
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#readOrNot();
  }

  ended(reason: string): void {
    this.#end(TRY_AGAIN, reason);
  }

  #onFrame(frame: InboundFrame): void {
    if (this.#ending !== undefined) return;
    if (!(frame instanceof BinaryFrame)) {
      this.#end(UNSUPPORTED, "frames of the relay are binary messages");
      return;
    }
    const bytes = frame.whole();
    this.#parts.traffic.received(bytes.byteLength);
    const head = frameHead(bytes);
    if (head === undefined) {
      this.#parts.traffic.dropped("unreadable");
      this.#end(PROTOCOL_ERROR, "that is no frame of the relay");
      return;
    }
    // Between the relay and an executor it means something else.
    if (head.kind === "heartbeat") return;
    if (this.#streamId === undefined) void this.#claim(head.streamId, bytes);
    else if (head.streamId !== this.#streamId) this.#end(POLICY, "a connection has one stream");
    else if (this.#route === undefined) this.#early.push(bytes);
    else this.#route.send(bytes);
  }

  async #claim(streamId: string, first: Uint8Array): Promise<void> {
    this.#streamId = streamId;
    this.#early.push(first);
    this.#readOrNot();
    const route = await this.#opened(streamId);
    if (typeof route === "string") {
      this.#end(TRY_AGAIN, REFUSALS[route]);
      return;
    }
    if (this.#ending !== undefined || this.#isGone) {
      await route.close();
      return;
    }
    this.#route = route;
    this.#parts.onOpened(streamId);
    for (const frame of this.#early.splice(0)) route.send(frame);
    if (this.#isFull) route.hold(true);
    this.#readOrNot();
  }

  async #opened(streamId: string): Promise<HarnessRoute | StreamRefusal> {
    try {
      return await this.#parts.openStream(streamId, this);
    } catch {
      return "unavailable";
    }
  }

  #onDrained(): void {
    const { port, load } = this.#parts;
    load.changed(port);
    this.#endStall();
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#route?.hold(false);
  }

  /** Nothing is read while there is no way on for it. */
  #readOrNot(): void {
    const { port } = this.#parts;
    const isWaiting = this.#streamId !== undefined && this.#route === undefined;
    if (this.#isHeld || isWaiting) port.pause();
    else port.resume();
  }

  #end(code: number, reason: string): void {
    if (this.#ending !== undefined || this.#isGone) return;
    this.#ending = reason;
    this.#early.length = 0;
    this.#endStall();
    void this.#route?.close();
    this.#parts.port.close(code, reason);
  }

  #onClosed(close: PortClose): void {
    this.#isGone = true;
    this.#handshake.cancel();
    this.#parts.load.gone(this.#parts.port);
    this.#endStall();
    void this.#route?.close();
    this.#parts.onClosed(this.#streamId, this.#ending ?? closeText(close));
  }
}
