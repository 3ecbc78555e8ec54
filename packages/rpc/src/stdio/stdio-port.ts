import type { Readable, Writable } from "node:stream";
import { BinaryFrame } from "@holdfast/protocol-kit";
import { type Clock, systemClock } from "../clock.ts";
import { DrainWatch } from "../drain-watch.ts";
import type { FramePort, FrameReceiver, OutboundFrame, PortClose } from "../frame-port.ts";
import { Heartbeat } from "../heartbeat.ts";
import { Inbox } from "../inbox.ts";
import { waterMarksOf } from "../water-marks.ts";
import { writeProgress } from "../write-progress.ts";
import { Banner } from "./banner.ts";
import { FinalRead } from "./final-read.ts";
import { LastWrites } from "./last-writes.ts";
import { STDIO_LIMITS } from "./limits.ts";
import { LineSplitter } from "./line-splitter.ts";

/** Options of {@link stdioPort}. */
export interface StdioPortOptions {
  /** Where frames come from; owned by the port from now on. */
  readonly input: Readable;
  /** Where frames go; owned by the port from now on, and ended with it. */
  readonly output: Writable;
  /** Longest inbound line; a longer one ends the port with initiator `fault`. Default 64 MiB. */
  readonly maxLineBytes?: number | undefined;
  /** The far end for people. Default: empty. */
  readonly peerName?: string | undefined;
  /** Default 4 MiB. */
  readonly highWaterBytes?: number | undefined;
  /** Default 1 MiB, or a quarter of `highWaterBytes` if that is less. */
  readonly lowWaterBytes?: number | undefined;
  /**
   * Notice a far end that vanished behind pipes that stay open, as those of a program that holds a network connection do, once the port
   * is told to by `askForSigns`. Default: the end of the input is the only sign.
   */
  readonly heartbeat?: StdioHeartbeat | undefined;
  /**
   * Pass over what the far end prints before it speaks: lines up to the first that begins with a brace, 64 KiB at most. For programs that
   * greet. Default false.
   */
  readonly skipsBanner?: boolean | undefined;
  readonly clock?: Clock | undefined;
}

/** How a far end is asked for signs of life. */
export interface StdioHeartbeat {
  /** Milliseconds between two questions. */
  readonly intervalMs: number;
  /** Milliseconds without a single byte that end the port with initiator `fault`. */
  readonly silenceMs: number;
}

const LINE_FEED = Buffer.from("\n");

/** `ending`: the first cause is known; what is queued may still be on its way out. */
type State =
  | { readonly kind: "open" }
  | { readonly kind: "ending"; readonly close: PortClose }
  | { readonly kind: "gone" };

/**
 * A frame port over two byte streams: one frame per line, ended by LF. CRLF is tolerated and blank lines are ignored.
 * Frames are delivered as bytes. The end of the input closes the port with initiator `remote`; what was sent before is
 * still written.
 */
export function stdioPort(options: StdioPortOptions): FramePort {
  return new StdioPort(options);
}

class StdioPort implements FramePort {
  readonly transport = "stdio";
  readonly peerName: string;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #maxLineBytes: number;
  readonly #drain: DrainWatch;
  readonly #splitter: LineSplitter;
  readonly #inbox: Inbox;
  #state: State = { kind: "open" };
  #finalRead: FinalRead | undefined;
  #lastWrites: LastWrites | undefined;
  #mode: "direct" | "corked" = "direct";
  readonly #beat: StdioHeartbeat | undefined;
  readonly #clock: Clock;
  #heartbeat: Heartbeat | undefined;
  #bytesRead = 0;
  /** Until the far end speaks, where it may greet. */
  #banner: Banner | undefined;

  constructor(options: StdioPortOptions) {
    this.peerName = options.peerName ?? "";
    this.#input = options.input;
    this.#output = options.output;
    this.#maxLineBytes = options.maxLineBytes ?? STDIO_LIMITS.maxLineBytes;
    this.#beat = options.heartbeat;
    this.#clock = options.clock ?? systemClock;
    this.#banner = options.skipsBanner === true ? new Banner() : undefined;
    const queuedBytes = (): number => this.#output.writableLength;
    this.#drain = new DrainWatch(waterMarksOf(options), queuedBytes, () => this.#onDrained());
    this.#inbox = new Inbox(() => this.#readOn());
    this.#splitter = new LineSplitter(this.#maxLineBytes, (line) => this.#onLine(line));
    this.#listen();
  }

  get queuedBytes(): number {
    return this.#output.writableLength;
  }

  get writable(): boolean {
    return this.#drain.writable;
  }

  get isEnding(): boolean {
    return this.#state.kind !== "open" || !this.#output.writable;
  }

  open(receiver: FrameReceiver): void {
    this.#inbox.open(receiver);
  }

  send(frame: OutboundFrame): void {
    if (this.isEnding) return;
    if (frame instanceof BinaryFrame) {
      const text = frame.text();
      if (text === undefined) this.destroy("a binary message can not travel as a line");
      else this.send(text);
      return;
    }
    this.#corkForThisTurn();
    const isText = typeof frame === "string";
    const line = isText ? Buffer.from(`${frame}\n`) : frame;
    const onWritten = this.#drain.mustFollow(line.length) ? this.#drain.taken : undefined;
    this.#output.write(line, onWritten);
    if (!isText) this.#output.write(LINE_FEED, onWritten);
    this.#drain.queued();
  }

  pause(): void {
    this.#inbox.pause();
    if (this.#state.kind === "open") this.#input.pause();
  }

  resume(): void {
    this.#inbox.resume();
  }

  askForSigns(ask: () => void): void {
    if (this.#beat === undefined || this.#heartbeat !== undefined || this.isEnding) return;
    const target = {
      ping: ask,
      bytesRead: () => this.#bytesRead,
      queuedBytes: () => this.#output.writableLength,
      writeProgress: () => writeProgress(this.#output),
      reading: () => this.#inbox.flowing,
      dead: (reason: string) => this.#onBroken(reason),
    };
    const { intervalMs: pingIntervalMs, silenceMs: pongTimeoutMs } = this.#beat;
    this.#heartbeat = new Heartbeat(target, { clock: this.#clock, pingIntervalMs, pongTimeoutMs });
    this.#heartbeat.start();
  }

  /** Pipes carry no code and no reason: the far end only sees the end of its input, and that only if it reads. */
  close(code: number, reason: string): void {
    if (this.#state.kind !== "open") return;
    this.#stopWatching();
    const close: PortClose = { initiator: "local", reason, code };
    this.#state = { kind: "ending", close };
    this.#input.destroy();
    this.#lastWrites = new LastWrites(this.#output, this.#clock, () => this.#cut(close));
    this.#output.end(() => this.#finish());
  }

  destroy(reason: string, cause?: unknown): void {
    this.#cut({ initiator: "local", reason, cause });
  }

  #listen(): void {
    // Attached paused: until there is a receiver, lines stay in the pipe.
    this.#input.pause();
    this.#input.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#input.on("end", () => this.#onInputEnd());
    this.#input.on("close", () => this.#onBroken("the input was closed"));
    this.#input.on("error", (error) => this.#onBroken(error.message, error));
    this.#output.on("close", () => this.#onOutputGone("the output was closed"));
    this.#output.on("error", (error) => this.#onOutputGone(error.message, error));
  }

  #onData(chunk: Buffer): void {
    if (this.#state.kind !== "open") return;
    this.#bytesRead += chunk.length;
    this.#finalRead?.heard();
    if (this.#splitter.push(chunk)) return;
    this.#lineTooLong();
  }

  #onInputEnd(): void {
    if (this.#state.kind !== "open") return;
    this.#stopWatching();
    if (!this.#splitter.end()) {
      this.#lineTooLong();
      return;
    }
    this.#state = { kind: "gone" };
    this.#output.end();
    const greeting = this.#banner?.told() ?? "";
    const said = greeting === "" ? "" : ` after it printed: ${greeting}`;
    this.#inbox.closeAfterKept({ initiator: "remote", reason: `peer closed its end of the pipe${said}` });
  }

  #lineTooLong(): void {
    this.#cut({ initiator: "fault", reason: `line exceeds the limit of ${this.#maxLineBytes} bytes` });
  }

  #onLine(line: Uint8Array): void {
    if (this.#state.kind !== "open") return;
    if (this.#banner !== undefined && !this.#isOver(this.#banner, line)) return;
    this.#inbox.frame(line);
  }

  /** Whether the far end speaks now. */
  #isOver(banner: Banner, line: Uint8Array): boolean {
    if (banner.isFrame(line)) {
      this.#banner = undefined;
      return true;
    }
    if (!banner.keep(line)) {
      this.#cut({ initiator: "fault", reason: `the far end does not speak the protocol, it prints: ${banner.told()}` });
    }
    return false;
  }

  #stopWatching(): void {
    this.#finalRead?.cancel();
    this.#lastWrites?.cancel();
    this.#heartbeat?.stop();
  }

  #onBroken(reason: string, cause?: unknown): void {
    if (this.#state.kind === "open") this.#cut({ initiator: "fault", reason, cause });
  }

  /** A far end that ends closes both pipes, and either may be seen first: what it said before is read to its end. */
  #onOutputGone(reason: string, cause?: unknown): void {
    if (this.#state.kind === "ending") this.#finish();
    if (this.#state.kind !== "open" || this.#finalRead !== undefined) return;
    this.#finalRead = new FinalRead(
      () => this.#inbox.flowing,
      () => this.#onBroken(reason, cause),
    );
  }

  #cut(close: PortClose): void {
    if (this.#state.kind === "gone") return;
    this.#stopWatching();
    if (this.#state.kind === "open") this.#state = { kind: "ending", close };
    this.#input.destroy();
    this.#output.destroy();
    process.nextTick(() => this.#finish());
  }

  #finish(): void {
    if (this.#state.kind !== "ending") return;
    const { close } = this.#state;
    this.#stopWatching();
    this.#state = { kind: "gone" };
    this.#inbox.closeNow(close);
  }

  #onDrained(): void {
    if (this.#state.kind === "open") this.#inbox.drained();
  }

  #readOn(): void {
    if (this.#state.kind === "open") this.#input.resume();
  }

  #corkForThisTurn(): void {
    if (this.#mode === "corked") return;
    this.#mode = "corked";
    this.#output.cork();
    process.nextTick(this.#flush);
  }

  readonly #flush = (): void => {
    this.#mode = "direct";
    this.#output.uncork();
  };
}
