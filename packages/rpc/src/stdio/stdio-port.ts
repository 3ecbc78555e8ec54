import type { Readable, Writable } from "node:stream";
import { DrainWatch } from "../drain-watch.ts";
import type { FramePort, FrameReceiver, OutboundFrame, PortClose } from "../frame-port.ts";
import { Inbox } from "../inbox.ts";
import { waterMarksOf } from "../water-marks.ts";
import { FinalRead } from "./final-read.ts";
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
  #mode: "direct" | "corked" = "direct";

  constructor(options: StdioPortOptions) {
    this.peerName = options.peerName ?? "";
    this.#input = options.input;
    this.#output = options.output;
    this.#maxLineBytes = options.maxLineBytes ?? STDIO_LIMITS.maxLineBytes;
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

  /** Pipes carry no code and no reason: the far end only sees the end of its input. */
  close(code: number, reason: string): void {
    if (this.#state.kind !== "open") return;
    this.#finalRead?.cancel();
    this.#state = { kind: "ending", close: { initiator: "local", reason, code } };
    this.#input.destroy();
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
    this.#finalRead?.heard();
    if (this.#splitter.push(chunk)) return;
    this.#lineTooLong();
  }

  #onInputEnd(): void {
    if (this.#state.kind !== "open") return;
    this.#finalRead?.cancel();
    if (!this.#splitter.end()) {
      this.#lineTooLong();
      return;
    }
    this.#state = { kind: "gone" };
    this.#output.end();
    this.#inbox.closeAfterKept({ initiator: "remote", reason: "peer closed its end of the pipe" });
  }

  #lineTooLong(): void {
    this.#cut({ initiator: "fault", reason: `line exceeds the limit of ${this.#maxLineBytes} bytes` });
  }

  #onLine(line: Uint8Array): void {
    if (this.#state.kind === "open") this.#inbox.frame(line);
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
    this.#finalRead?.cancel();
    if (this.#state.kind === "open") this.#state = { kind: "ending", close };
    this.#input.destroy();
    this.#output.destroy();
    process.nextTick(() => this.#finish());
  }

  #finish(): void {
    if (this.#state.kind !== "ending") return;
    const { close } = this.#state;
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
