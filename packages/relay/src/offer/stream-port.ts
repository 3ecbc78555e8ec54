import { openDataFrame, RELAY_LIMITS } from "@holdfast/relay-protocol";
import { isBinaryMessage, MessageCutter, MessageReceiver } from "@holdfast/relay-protocol/channel";
import type { Channel } from "@holdfast/relay-protocol/noise";
import {
  BinaryFrame,
  type Clock,
  DrainWatch,
  Fifo,
  type FramePort,
  type FrameReceiver,
  Inbox,
  type OutboundFrame,
  type PortClose,
  type Timer,
} from "@holdfast/rpc";
import type { FrameSource } from "./fair-sender.ts";
import { OFFER_LIMITS } from "./limits.ts";

const { maxRecordBytes, maxSequence, recordTagBytes }: Bounds = RELAY_LIMITS;
const { holdAboveBytes, maxUntakenBytes, untakenMessageBytes, streamCloseMs } = OFFER_LIMITS;
const WATER_MARKS = {
  highWaterBytes: OFFER_LIMITS.streamHighWaterBytes,
  lowWaterBytes: OFFER_LIMITS.streamLowWaterBytes,
};

/** A message on its way. */
interface Outgoing {
  /** As it was given. */
  readonly frame: OutboundFrame;
  readonly cutter: MessageCutter;
}

/** As numbers, not as the very ones. */
type Bounds = Readonly<Record<keyof typeof RELAY_LIMITS, number>>;

/** What a stream needs of the socket that it is on. */
export interface StreamSocket {
  readonly clock: Clock;
  /** The relay's host, for people. */
  readonly peerName: string;
  /** It has something to send, or may go on. */
  ready(source: FrameSource): void;
  /** Ask the relay to send no more of it for now, or to go on. */
  hold(streamId: string, isHeld: boolean): void;
  /** It is over. @param isTold - The other end is to hear of it. */
  over(stream: StreamPort, isTold: boolean): void;
}

/** `closing`: what is queued still goes out. */
type State =
  | { readonly kind: "open" }
  | { readonly kind: "closing"; readonly close: PortClose; readonly timer: Timer }
  | { readonly kind: "over" };

/** One harness: messages in sealed records on a socket that it shares with others. */
export class StreamPort implements FramePort, FrameSource {
  readonly transport = "relay";
  readonly carriesBinary = true;
  readonly endsAtUnreadable = true;
  readonly streamId: string;
  readonly #channel: Channel;
  readonly #receiver: MessageReceiver;
  readonly #socket: StreamSocket;
  readonly #inbox: Inbox;
  readonly #drain: DrainWatch;
  readonly #outgoing = new Fifo<Outgoing>();
  #queuedBytes = 0;
  /** The relay can't take more of this stream for now. */
  #isHeld = false;
  /** The relay was asked to hold it. */
  #holds = false;
  #isPaused = false;
  #state: State = { kind: "open" };

  constructor(streamId: string, channel: Channel, socket: StreamSocket) {
    this.streamId = streamId;
    this.#channel = channel;
    this.#receiver = new MessageReceiver(channel.opener);
    this.#socket = socket;
    this.#inbox = new Inbox(() => this.#hold(false));
    this.#drain = new DrainWatch(
      WATER_MARKS,
      () => this.#queuedBytes,
      () => this.#inbox.drained(),
    );
  }

  get peerName(): string {
    return this.#socket.peerName;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get writable(): boolean {
    return this.#drain.writable;
  }

  get isEnding(): boolean {
    return this.#state.kind !== "open";
  }

  open(receiver: FrameReceiver): void {
    this.#inbox.open(receiver);
  }

  send(frame: OutboundFrame): void {
    if (this.#state.kind !== "open") return;
    let cutter: MessageCutter;
    try {
      cutter = new MessageCutter(partsOf(frame));
    } catch (error) {
      this.#end({ initiator: "fault", reason: textOf(error) }, true);
      return;
    }
    this.#outgoing.push({ frame, cutter });
    this.#queuedBytes += cutter.bytesLeft;
    this.#drain.queued();
    if (!this.#isHeld) this.#socket.ready(this);
  }

  /** One record, sealed: as much as there is of what waits, and as it takes. */
  nextFrame(): Uint8Array | undefined {
    if (this.#isHeld || this.#outgoing.length === 0 || this.#state.kind === "over") return undefined;
    const { sealer } = this.#channel;
    const sequence = sealer.nextSequence;
    if (sequence >= maxSequence) {
      this.#end({ initiator: "fault", reason: "Noise relay sequence number exhausted" }, true);
      return undefined;
    }
    const { pieces, bytes, whole } = this.#nextRecord();
    const { target, at } = openDataFrame({ streamId: this.streamId, sequence }, bytes + recordTagBytes);
    sealer.sealInto(target, at, pieces);
    this.#queuedBytes -= bytes;
    for (const message of whole) this.#sent(message);
    return target;
  }

  /** The end of a message leaves room for the beginning of the next one: each record costs the same, whatever is in it. */
  #nextRecord() {
    const pieces: Uint8Array[] = [];
    const whole: Outgoing[] = [];
    let bytes = 0;
    for (
      let message = this.#outgoing.peek();
      message !== undefined && bytes < maxRecordBytes;
      message = this.#outgoing.peek()
    ) {
      const { cutter } = message;
      const before = cutter.bytesLeft;
      pieces.push(...cutter.next(maxRecordBytes - bytes));
      bytes += before - cutter.bytesLeft;
      if (cutter.bytesLeft > 0) break;
      this.#outgoing.shift();
      whole.push(message);
    }
    return { pieces, bytes, whole };
  }

  /** A record came. */
  receive(sequence: number, ciphertext: Uint8Array): void {
    if (this.#state.kind !== "open") return;
    let messages: readonly Uint8Array[];
    try {
      messages = this.#receiver.receive(sequence, ciphertext);
    } catch (error) {
      this.#end({ initiator: "fault", reason: textOf(error) }, true);
      return;
    }
    for (const message of messages) this.#take(message);
  }

  /** What the relay asks for. */
  relayHolds(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    if (!isHeld && this.#outgoing.length > 0) this.#socket.ready(this);
  }

  /** The far end, or the line below, is gone: nobody is told any more. */
  lost(close: PortClose): void {
    this.#end(close, false);
  }

  pause(): void {
    this.#isPaused = true;
    this.#inbox.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#inbox.resume();
  }

  close(code: number, reason: string): void {
    if (this.#state.kind !== "open") return;
    const close: PortClose = { initiator: "local", reason, code };
    if (this.#outgoing.length === 0) {
      this.#end(close, true);
      return;
    }
    const timer = this.#socket.clock.after(streamCloseMs, () => this.#end(close, true));
    this.#state = { kind: "closing", close, timer };
  }

  destroy(reason: string, cause?: unknown): void {
    this.#end({ initiator: "local", reason, cause }, true);
  }

  #take(message: Uint8Array): void {
    if (this.#state.kind !== "open") return;
    if (this.#untakenBytes > maxUntakenBytes) {
      this.#end({ initiator: "fault", reason: "Noise virtual stream inbound queue is full or closed" }, true);
      return;
    }
    this.#inbox.frame(isBinaryMessage(message) ? new BinaryFrame([message]) : message);
    if (this.#isPaused && this.#untakenBytes > holdAboveBytes) this.#hold(true);
  }

  get #untakenBytes(): number {
    return this.#inbox.keptLength + this.#inbox.keptCount * untakenMessageBytes;
  }

  #hold(isHeld: boolean): void {
    if (this.#holds === isHeld || this.#state.kind === "over") return;
    this.#holds = isHeld;
    this.#socket.hold(this.streamId, isHeld);
  }

  #sent({ frame }: Outgoing): void {
    // Sealed, it is a copy: the memory is the sender's again.
    if (frame instanceof BinaryFrame) frame.taken();
    else if (typeof frame !== "string") this.#inbox.sent(frame);
    this.#drain.taken();
    if (this.#state.kind === "closing" && this.#outgoing.length === 0) queueMicrotask(() => this.#closed());
  }

  /** After its last record has been put on the socket. */
  #closed(): void {
    if (this.#state.kind === "closing") this.#end(this.#state.close, true);
  }

  #end(close: PortClose, isTold: boolean): void {
    const { kind } = this.#state;
    if (kind === "over") return;
    if (this.#state.kind === "closing") this.#state.timer.cancel();
    const first = this.#state.kind === "closing" ? this.#state.close : close;
    this.#state = { kind: "over" };
    this.#outgoing.clear();
    this.#queuedBytes = 0;
    this.#receiver.wipe();
    this.#channel.sealer.wipe();
    this.#socket.over(this, isTold);
    this.#inbox.closeNow(first);
  }
}

function partsOf(frame: OutboundFrame): Uint8Array | readonly Uint8Array[] {
  if (typeof frame === "string") return Buffer.from(frame);
  return frame instanceof BinaryFrame ? frame.parts : frame;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
