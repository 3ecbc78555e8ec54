import { BinaryFrame } from "@holdfast/protocol-kit";
import { DrainWatch } from "../drain-watch.ts";
import { Fifo } from "../fifo.ts";
import type { FramePort, FrameReceiver, OutboundFrame, PortClose } from "../frame-port.ts";
import type { WaterMarks } from "../water-marks.ts";

/** Length of the frames that are handed over before other tasks get a turn. */
const BURST_LENGTH = 256 * 1024;

type State =
  | { readonly kind: "unopened" }
  | { readonly kind: "flowing" | "paused"; readonly receiver: FrameReceiver }
  | { readonly kind: "gone" };

/** One end of a memory link. Outbound frames wait here until the far end has taken them. */
export class MemoryPort implements FramePort {
  readonly transport = "memory";
  readonly peerName = "";
  readonly carriesBinary = true;
  readonly #drain: DrainWatch;
  #far: MemoryPort | undefined;
  #state: State = { kind: "unopened" };
  /** Why this end stopped sending, once it did. */
  #ended: PortClose | undefined;
  readonly #outbound = new Fifo<OutboundFrame>();
  #queuedBytes = 0;
  #delivery: "idle" | "scheduled" = "idle";

  constructor(waterMarks: WaterMarks) {
    this.#drain = new DrainWatch(
      waterMarks,
      () => this.#queuedBytes,
      () => this.#onDrained(),
    );
  }

  /** To be called on both ends before either is used. */
  join(far: MemoryPort): void {
    this.#far = far;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get writable(): boolean {
    return this.#drain.writable;
  }

  get isEnding(): boolean {
    return this.#ended !== undefined;
  }

  open(receiver: FrameReceiver): void {
    if (this.#state.kind !== "unopened") throw new Error("a frame port can be opened only once");
    this.#state = { kind: "flowing", receiver };
    this.#scheduleFar();
    this.#schedule();
  }

  send(frame: OutboundFrame): void {
    if (this.#ended !== undefined) return;
    // What lies elsewhere is the sender's again: the far end may keep what it gets.
    this.#outbound.push(frame instanceof BinaryFrame ? new BinaryFrame([frame.whole()]) : frame);
    this.#queuedBytes += frame.length;
    this.#drain.queued();
    this.#schedule();
  }

  pause(): void {
    if (this.#state.kind === "flowing") this.#state = { kind: "paused", receiver: this.#state.receiver };
  }

  resume(): void {
    if (this.#state.kind !== "paused") return;
    this.#state = { kind: "flowing", receiver: this.#state.receiver };
    this.#scheduleFar();
  }

  close(code: number, reason: string): void {
    this.#end({ initiator: "local", reason, code });
  }

  destroy(reason: string, cause?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#outbound.clear();
    this.#queuedBytes = 0;
    this.#end({ initiator: "local", reason, cause });
  }

  /** True while frames may be handed to this end, be it only to be dropped. */
  get #takesFrames(): boolean {
    return this.#state.kind === "flowing" || this.#ended !== undefined;
  }

  #receive(frame: OutboundFrame): void {
    if (this.#state.kind === "flowing" && this.#ended === undefined) this.#state.receiver.frame(frame);
  }

  #end(close: PortClose): void {
    if (this.#ended !== undefined) return;
    this.#ended = close;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#delivery === "scheduled") return;
    this.#delivery = "scheduled";
    setImmediate(() => {
      this.#delivery = "idle";
      this.#deliver();
    });
  }

  #scheduleFar(): void {
    if (this.#far !== undefined) this.#far.#schedule();
  }

  #deliver(): void {
    const far = this.#far;
    if (far === undefined) return;
    // Frames that are sent meanwhile wait for the next turn, and so does what is too much for one.
    let handedLength = 0;
    for (let left = this.#outbound.length; left > 0 && far.#takesFrames && handedLength < BURST_LENGTH; left -= 1) {
      const frame = this.#outbound.shift();
      if (frame === undefined) break;
      this.#queuedBytes -= frame.length;
      handedLength += frame.length;
      far.#receive(frame);
    }
    if (this.#outbound.length > 0 && far.#takesFrames) this.#schedule();
    this.#drain.taken();
    this.#finish(far);
  }

  #onDrained(): void {
    if (this.#ended !== undefined) return;
    if (this.#state.kind === "flowing" || this.#state.kind === "paused") this.#state.receiver.drained();
  }

  #finish(far: MemoryPort): void {
    const close = this.#ended;
    if (close === undefined) return;
    if (this.#outbound.length === 0) far.#lineEnded(close);
    if (this.#state.kind !== "flowing" && this.#state.kind !== "paused") return;
    const { receiver } = this.#state;
    this.#state = { kind: "gone" };
    receiver.closed(close);
  }

  /** The far end stopped sending, and all it sent has been delivered. */
  #lineEnded(farClose: PortClose): void {
    if (this.#ended !== undefined) return;
    this.#outbound.clear();
    this.#queuedBytes = 0;
    const code = farClose.code;
    const codeText = code === undefined ? "" : ` (${code})`;
    const reason = `peer closed the connection${codeText}: ${farClose.reason}`;
    this.#end({ initiator: "remote", reason, code });
  }
}
