import type { Socket } from "node:net";
import { BinaryFrame } from "@holdfast/protocol-kit";
import type { RawData, WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import { DrainWatch } from "../drain-watch.ts";
import type { FramePort, FrameReceiver, OutboundFrame, PortClose } from "../frame-port.ts";
import { Heartbeat } from "../heartbeat.ts";
import { Inbox } from "../inbox.ts";
import type { WaterMarks } from "../water-marks.ts";
import { writeProgress } from "../write-progress.ts";
import { binaryFrameHead } from "./binary-frame-head.ts";
import { describeRemoteClose, fitCode, fitReason } from "./close-reason.ts";
import { CopiedChunks } from "./copied-chunks.ts";
import { FrameGuard, type FrameLimits } from "./frame-guard.ts";
import { WEBSOCKET_LIMITS } from "./limits.ts";
import { TickWriter } from "./tick-writer.ts";

const { maxSentFrameBytes } = WEBSOCKET_LIMITS;

const TEXT = { binary: false } as const;
const TOO_LARGE = 1009;
const MAX_BYTES_PER_CODE_UNIT = 3;

/** A frame of bytes of this length is told of when it is sent: below, its memory is not worth the words. */
const LONG_FRAME_BYTES = 32 * 1024;

/** Text of this length is handed on as the bytes it came as: its reader may not want all of it as a string. */
const LONG_TEXT_BYTES = 8 * 1024;

export interface WebSocketPortOptions {
  readonly webSocket: WebSocket;
  readonly socket: Socket;
  readonly peerName: string;
  readonly side: "client" | "server";
  /** Whether what is sent has to be masked with something other than zeros. */
  readonly masks: boolean;
  readonly waterMarks: WaterMarks;
  readonly frameLimits: FrameLimits;
  readonly clock: Clock;
  /** No pings when absent. */
  readonly pingIntervalMs: number | undefined;
  readonly pongTimeoutMs: number | undefined;
}

type SentCallback = (error?: Error | null) => void;

/** `ending`: the first cause is known, the socket is not gone yet. */
type State =
  | { readonly kind: "open" }
  | { readonly kind: "ending"; readonly close: PortClose }
  | { readonly kind: "gone" };

/** A frame port over an open websocket. */
export class WebSocketPort implements FramePort {
  readonly transport = "websocket";
  readonly carriesBinary = true;
  readonly peerName: string;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #side: "client" | "server";
  readonly #masks: boolean;
  readonly #drain: DrainWatch;
  readonly #guard: FrameGuard;
  readonly #writer: TickWriter;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #inbox: Inbox;
  readonly #copied = new CopiedChunks();
  #state: State = { kind: "open" };
  #socketError: Error | undefined;

  constructor(options: WebSocketPortOptions) {
    this.peerName = options.peerName;
    this.#webSocket = options.webSocket;
    this.#socket = options.socket;
    this.#side = options.side;
    this.#masks = options.masks;
    const queuedBytes = (): number => this.#socket.writableLength;
    this.#drain = new DrainWatch(options.waterMarks, queuedBytes, () => this.#onDrained());
    this.#guard = new FrameGuard(options.frameLimits);
    this.#writer = new TickWriter(options.socket);
    this.#heartbeat = this.#createHeartbeat(options);
    this.#inbox = new Inbox(() => this.#readOn());
    this.#listen();
    // Until there is a receiver, frames stay with the operating system.
    this.#webSocket.pause();
    this.#heartbeat?.start();
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  get writable(): boolean {
    return this.#drain.writable;
  }

  get isEnding(): boolean {
    return this.#state.kind !== "open" || this.#webSocket.readyState !== this.#webSocket.OPEN;
  }

  open(receiver: FrameReceiver): void {
    this.#inbox.open(receiver);
  }

  send(frame: OutboundFrame): void {
    if (this.isEnding) return;
    this.#writer.beforeWrite();
    if (typeof frame !== "string" && frame instanceof BinaryFrame) this.#sendBinary(frame);
    else if (mostBytesOf(frame) > maxSentFrameBytes) this.#sendLong(frame);
    else {
      // A queue counts strings in characters. A client's frames become bytes when they are masked, a server's here.
      const data = typeof frame === "string" && this.#side === "server" ? Buffer.from(frame) : frame;
      this.#webSocket.send(data, TEXT, this.#watcherOf(frame));
    }
    this.#drain.queued();
  }

  #sendLong(frame: string | Uint8Array): void {
    this.#sendFragments(typeof frame === "string" ? Buffer.from(frame) : frame, "text", this.#watcherOf(frame));
  }

  /** @param onSent - For the last one. */
  #sendFragments(bytes: Uint8Array, kind: "text" | "binary", onSent: SentCallback | undefined): void {
    const binary = kind === "binary";
    let offset = 0;
    do {
      const end = Math.min(offset + maxSentFrameBytes, bytes.length);
      const fin = end === bytes.length;
      this.#webSocket.send(bytes.subarray(offset, end), { binary, fin }, fin ? onSent : undefined);
      offset = end;
    } while (offset < bytes.length);
  }

  /** The library takes a frame in one piece: put together, or masked, it is copied. Both are spared where nothing has to be masked. */
  #sendBinary(frame: BinaryFrame): void {
    if (this.#masks || frame.length > maxSentFrameBytes) {
      const whole = frame.whole();
      this.#sendFragments(whole, "binary", this.#watcherOf(whole));
      return;
    }
    const [first, second] = frame.parts;
    const onSent = second === undefined ? this.#watcherOf(first) : this.#takenBy(frame);
    // Nothing of the library waits to be sent: that would take a compressed message.
    this.#socket.cork();
    this.#socket.write(binaryFrameHead(frame.length, this.#side));
    this.#socket.write(first, second === undefined ? onSent : undefined);
    if (second !== undefined) this.#socket.write(second, onSent);
    this.#socket.uncork();
  }

  #takenBy(frame: BinaryFrame): SentCallback {
    return (error) => {
      // What is not sent may still be looked at by the system.
      if (!error) frame.taken();
      this.#drain.taken();
    };
  }

  pause(): void {
    this.#inbox.pause();
    if (this.#state.kind === "open") this.#webSocket.pause();
  }

  resume(): void {
    this.#inbox.resume();
  }

  close(code: number, reason: string): void {
    this.#end({ initiator: "local", reason, code }, fitCode(code));
  }

  destroy(reason: string, cause?: unknown): void {
    if (this.#state.kind === "gone") return;
    if (this.#state.kind === "open") this.#state = { kind: "ending", close: { initiator: "local", reason, cause } };
    this.#webSocket.terminate();
  }

  #listen(): void {
    this.#webSocket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    this.#webSocket.on("error", this.#onError);
    this.#webSocket.on("close", (code, reason) => this.#onClose(code, reason.toString()));
    this.#socket.on("error", this.#onError);
    this.#socket.prependListener("data", (chunk) => this.#onBytes(chunk));
  }

  #createHeartbeat(options: WebSocketPortOptions): Heartbeat | undefined {
    const { clock, pingIntervalMs, pongTimeoutMs } = options;
    if (pingIntervalMs === undefined) return undefined;
    const target = {
      ping: () => this.#ping(),
      bytesRead: () => this.#socket.bytesRead,
      queuedBytes: () => this.#socket.writableLength,
      writeProgress: () => writeProgress(this.#socket),
      reading: () => this.#inbox.flowing,
      dead: (reason: string) => this.#break(reason),
    };
    return new Heartbeat(target, { clock, pingIntervalMs, pongTimeoutMs });
  }

  #watcherOf(frame: string | Uint8Array): SentCallback | undefined {
    if (typeof frame === "string" || frame.length < LONG_FRAME_BYTES) {
      return this.#drain.mustFollow(mostBytesOf(frame)) ? this.#drain.taken : undefined;
    }
    return (error) => {
      if (!error) this.#inbox.sent(frame);
      this.#drain.taken();
    };
  }

  #onDrained(): void {
    if (this.#state.kind === "open") this.#inbox.drained();
  }

  readonly #onError = (error: Error): void => {
    this.#socketError ??= error;
  };

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#state.kind !== "open" || !Buffer.isBuffer(data)) return;
    this.#copied.free();
    if (isBinary) this.#inbox.frame(new BinaryFrame([data]));
    else this.#inbox.frame(data.length >= LONG_TEXT_BYTES ? data : data.toString());
  }

  #onBytes(chunk: Buffer): void {
    if (this.#state.kind !== "open") return;
    if (!this.#guard.isWithinPayload) this.#copied.free();
    if (this.#guard.isPartOfPayload(chunk.length)) this.#copied.add(chunk);
    const violation = this.#guard.scan(chunk);
    if (violation === undefined) return;
    this.#end({ initiator: "fault", reason: `${violation} (${TOO_LARGE})`, code: TOO_LARGE }, TOO_LARGE, violation);
    // The rest is read, so that the close frame is not lost to a reset, and dropped.
    this.#socket.removeAllListeners("data");
    this.#socket.on("data", () => {});
  }

  #onClose(code: number, reason: string): void {
    this.#heartbeat?.stop();
    const state = this.#state;
    this.#state = { kind: "gone" };
    if (state.kind === "ending") {
      this.#inbox.closeNow(state.close);
      return;
    }
    const close = describeRemoteClose(code, reason, this.#socketError);
    if (close.initiator === "fault") this.#inbox.closeNow(close);
    else this.#inbox.closeAfterKept(close);
  }

  /** Begin the closing handshake; what still arrives is dropped. */
  #end(close: PortClose, code: number, reason = close.reason): void {
    if (this.#state.kind !== "open") return;
    this.#state = { kind: "ending", close };
    this.#heartbeat?.stop();
    this.#webSocket.close(code, fitReason(reason));
    // A paused websocket would never see the answer to its close frame.
    this.#webSocket.resume();
  }

  #break(reason: string): void {
    if (this.#state.kind !== "open") return;
    this.#state = { kind: "ending", close: { initiator: "fault", reason } };
    this.#webSocket.terminate();
  }

  #readOn(): void {
    if (this.#state.kind === "open") this.#webSocket.resume();
  }

  #ping(): void {
    if (this.#state.kind === "open" && this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.ping();
  }
}

function mostBytesOf(frame: string | Uint8Array): number {
  return typeof frame === "string" ? frame.length * MAX_BYTES_PER_CODE_UNIT : frame.length;
}
