import { BinaryFrame } from "@holdfast/protocol-kit";
import type { Clock, Timer } from "../clock.ts";
import { DrainWatch } from "../drain-watch.ts";
import type { FramePort, FrameReceiver, OutboundFrame, PortClose } from "../frame-port.ts";
import { Heartbeat } from "../heartbeat.ts";
import { Inbox } from "../inbox.ts";
import type { WaterMarks } from "../water-marks.ts";
import { describeRemoteClose, fitReason } from "./close-reason.ts";
import { WEBSOCKET_LIMITS } from "./limits.ts";

const NORMAL = 1000;
const TOO_LARGE = 1009;
const PRIVATE_CODES = { from: 3000, to: 4999 };

/** How often a queue that is full is looked at: the platform does not say when it has drained. */
const DRAIN_POLL_MS = 5;

export interface PlatformWebSocketPortOptions {
  /** Open, with `binaryType` set to `arraybuffer`. */
  readonly webSocket: WebSocket;
  readonly peerName: string;
  readonly waterMarks: WaterMarks;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
}

/**
 * A frame port over an open `WebSocket` of the platform.
 *
 * It sends no pings: its owner has to ask for signs of life. It can not stop reading either: what arrives during a pause is kept, and a line on which more than
 * `WEBSOCKET_LIMITS.maxUnreadBytes` lie is ended.
 */
export class PlatformWebSocketPort implements FramePort {
  readonly transport = "websocket";
  readonly carriesBinary = true;
  readonly peerName: string;
  readonly #webSocket: WebSocket;
  readonly #maxMessageBytes: number;
  readonly #lowWaterBytes: number;
  readonly #clock: Clock;
  readonly #drain: DrainWatch;
  readonly #inbox: Inbox;
  /** Bytes that arrived since the reader last had everything: at least what is kept. */
  #unreadBytes = 0;
  #receivedBytes = 0;
  /** As the platform counts them. */
  #sentBytes = 0;
  #heartbeat: Heartbeat | undefined;
  /** Runs while the queue is full, with what the last look at it saw: it has drained when this port has told of it. */
  #drainPoll: { readonly timer: Timer; readonly seenBytes: number } | undefined;
  /** The first cause of the end. */
  #close: PortClose | undefined;
  #isGone = false;

  constructor(options: PlatformWebSocketPortOptions) {
    this.peerName = options.peerName;
    this.#webSocket = options.webSocket;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#lowWaterBytes = options.waterMarks.lowWaterBytes;
    this.#clock = options.clock;
    this.#drain = new DrainWatch(
      options.waterMarks,
      () => this.queuedBytes,
      () => this.#inbox.drained(),
    );
    this.#inbox = new Inbox(() => {
      this.#unreadBytes = 0;
    });
    this.#webSocket.addEventListener("message", ({ data }) => this.#onMessage(data));
    this.#webSocket.addEventListener("close", ({ code, reason }) => this.#onClose(code, reason));
  }

  get queuedBytes(): number {
    const { bufferedAmount } = this.#webSocket;
    return this.#drainPoll === undefined ? bufferedAmount : Math.max(bufferedAmount, this.#drainPoll.seenBytes);
  }

  get writable(): boolean {
    return this.#drain.writable;
  }

  get isEnding(): boolean {
    return this.#close !== undefined || this.#webSocket.readyState !== WebSocket.OPEN;
  }

  askForSigns(ask: () => void): void {
    if (this.#heartbeat !== undefined || this.isEnding) return;
    const target = {
      ping: ask,
      bytesRead: () => this.#receivedBytes,
      queuedBytes: () => this.#webSocket.bufferedAmount,
      writeProgress: () => this.#sentBytes - this.#webSocket.bufferedAmount,
      reading: () => this.#inbox.flowing,
      dead: (reason: string) => this.#break({ initiator: "fault", reason }),
    };
    const { askIntervalMs: pingIntervalMs, askedSilenceMs: pongTimeoutMs } = WEBSOCKET_LIMITS;
    this.#heartbeat = new Heartbeat(target, { clock: this.#clock, pingIntervalMs, pongTimeoutMs });
    this.#heartbeat.start();
  }

  open(receiver: FrameReceiver): void {
    this.#inbox.open(receiver);
  }

  send(frame: OutboundFrame): void {
    if (this.isEnding) return;
    const before = this.#webSocket.bufferedAmount;
    this.#webSocket.send(dataOf(frame));
    this.#sentBytes += this.#webSocket.bufferedAmount - before;
    this.#drain.queued();
    if (!this.writable) this.#followDrain();
  }

  pause(): void {
    this.#inbox.pause();
  }

  resume(): void {
    this.#inbox.resume();
  }

  close(code: number, reason: string): void {
    this.#end({ initiator: "local", reason, code }, code, reason);
  }

  destroy(reason: string, cause?: unknown): void {
    this.#break({ initiator: "local", reason, cause });
  }

  /** The platform would wait for the far end's answer. */
  #break(close: PortClose): void {
    if (this.#isGone) return;
    this.#close ??= close;
    this.#webSocket.close();
    queueMicrotask(() => this.#finish());
  }

  #followDrain(): void {
    if (this.#drainPoll !== undefined) return;
    const timer = this.#clock.after(DRAIN_POLL_MS, () => {
      this.#drainPoll = undefined;
      if (this.#isGone) return;
      if (this.queuedBytes > this.#lowWaterBytes) this.#followDrain();
      else this.#drain.taken();
    });
    this.#drainPoll = { timer, seenBytes: this.#webSocket.bufferedAmount };
  }

  #onMessage(data: unknown): void {
    if (this.#close !== undefined) return;
    const frame = data instanceof ArrayBuffer ? new BinaryFrame([new Uint8Array(data)]) : String(data);
    this.#receivedBytes += frame.length;
    if (frame.length > this.#maxMessageBytes) {
      this.#fault(`message exceeds ${this.#maxMessageBytes} bytes`);
      return;
    }
    if (!this.#inbox.flowing) {
      this.#unreadBytes += frame.length;
      if (this.#unreadBytes > WEBSOCKET_LIMITS.maxUnreadBytes) {
        this.#fault(
          `more than ${WEBSOCKET_LIMITS.maxUnreadBytes} bytes lie unread, and this platform can not stop reading`,
        );
        return;
      }
    }
    this.#inbox.frame(frame);
  }

  #fault(violation: string): void {
    this.#end({ initiator: "fault", reason: `${violation} (${TOO_LARGE})`, code: TOO_LARGE }, TOO_LARGE, violation);
  }

  #end(close: PortClose, code: number, reason: string): void {
    if (this.#close !== undefined || this.#isGone) return;
    this.#close = close;
    // Pages may send no other codes.
    const isAllowed = code === NORMAL || (code >= PRIVATE_CODES.from && code <= PRIVATE_CODES.to);
    this.#webSocket.close(isAllowed ? code : NORMAL, fitReason(reason));
    this.#clock.after(WEBSOCKET_LIMITS.closeTimeoutMs, () => this.#finish());
  }

  #onClose(code: number, reason: string): void {
    if (this.#isGone) return;
    if (this.#close !== undefined) {
      this.#finish();
      return;
    }
    this.#goAway();
    this.#inbox.closeAfterKept(describeRemoteClose(code, reason, undefined));
  }

  #finish(): void {
    if (this.#isGone || this.#close === undefined) return;
    this.#goAway();
    this.#inbox.closeNow(this.#close);
  }

  #goAway(): void {
    this.#isGone = true;
    this.#drainPoll?.timer.cancel();
    this.#heartbeat?.stop();
  }
}

/** Bytes go out as a binary message, which a text must not. */
function dataOf(frame: OutboundFrame): string | Uint8Array<ArrayBuffer> {
  if (typeof frame === "string") return frame;
  return frame instanceof BinaryFrame ? new Uint8Array(frame.whole()) : new TextDecoder().decode(frame);
}
