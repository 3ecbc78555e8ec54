import { decodeFrame, openDataFrame, type RelayFrame } from "@holdfast/relay-protocol";
import { isBinaryMessage, MessageReceiver, MessageSender } from "@holdfast/relay-protocol/channel";
import type { Channel } from "@holdfast/relay-protocol/noise";
import {
  BinaryFrame,
  type Clock,
  type FramePort,
  type FrameReceiver,
  Heartbeat,
  type InboundFrame,
  Inbox,
  type OutboundFrame,
  type PortClose,
} from "@holdfast/rpc";
import { RELAY_ASK_INTERVAL_MS, RELAY_SILENCE_MS } from "../limits.ts";

/** How the relay's socket is closed, whatever the reason: that is for the executor, and would be read on the way. */
const NORMAL = 1000;

/** A text of this length is handed on as the bytes it came as: its reader may not want all of it as a string. */
const LONG_TEXT_BYTES = 8 * 1024;

/** A frame of bytes of this length is told of when it is sent: below, its memory is not worth the words. */
const LONG_FRAME_BYTES = 32 * 1024;

export interface RelayPortParts {
  /** Open; its frames are handed to {@link RelayPort.receive}. */
  readonly socket: FramePort;
  readonly streamId: string;
  readonly channel: Channel;
  readonly peerName: string;
  readonly clock: Clock;
}

/** `ending`: the first cause is known, the socket is not gone yet. */
type State =
  | { readonly kind: "open" }
  | { readonly kind: "ending"; readonly close: PortClose }
  | { readonly kind: "gone" };

/** A frame port over the Noise channel of one stream, whose socket leads to a relay. */
export class RelayPort implements FramePort {
  /** What carries it. */
  readonly transport = "websocket";
  readonly carriesBinary = true;
  readonly peerName: string;
  readonly #socket: FramePort;
  readonly #streamId: string;
  readonly #sender: MessageSender;
  readonly #receiver: MessageReceiver;
  readonly #clock: Clock;
  readonly #inbox: Inbox;
  #state: State = { kind: "open" };
  #heartbeat: Heartbeat | undefined;
  /** Of what the executor itself has said. */
  #bytesOpened = 0;
  #bytesSent = 0;

  constructor({ socket, streamId, channel, peerName, clock }: RelayPortParts) {
    this.#socket = socket;
    this.#streamId = streamId;
    this.#sender = new MessageSender(channel.sealer);
    this.#receiver = new MessageReceiver(channel.opener);
    this.#clock = clock;
    this.peerName = peerName;
    this.#inbox = new Inbox(() => this.#readOn());
    // Until there is a receiver, frames stay with the operating system.
    socket.pause();
  }

  get queuedBytes(): number {
    return this.#socket.queuedBytes;
  }

  get writable(): boolean {
    return this.#socket.writable;
  }

  get isEnding(): boolean {
    return this.#state.kind !== "open" || this.#socket.isEnding === true;
  }

  open(receiver: FrameReceiver): void {
    this.#inbox.open(receiver);
  }

  /** Have the executor say something: that the relay answers pings says nothing of it. */
  askForSigns(ask: () => void): void {
    if (this.#heartbeat !== undefined || this.isEnding) return;
    const target = {
      ping: ask,
      bytesRead: () => this.#bytesOpened,
      queuedBytes: () => this.#socket.queuedBytes,
      writeProgress: () => this.#bytesSent - this.#socket.queuedBytes,
      reading: () => this.#inbox.flowing,
      dead: (reason: string) => this.#break(reason),
    };
    const pauses = { pingIntervalMs: RELAY_ASK_INTERVAL_MS, pongTimeoutMs: RELAY_SILENCE_MS };
    this.#heartbeat = new Heartbeat(target, { clock: this.#clock, ...pauses });
    this.#heartbeat.start();
  }

  send(frame: OutboundFrame): void {
    if (this.isEnding) return;
    try {
      this.#sender.sendInto(
        bytesOf(frame),
        (sequence, bytes) => openDataFrame({ streamId: this.#streamId, sequence }, bytes),
        (_sequence, { target }) => {
          this.#bytesSent += target.length;
          this.#socket.send(new BinaryFrame([target]));
        },
      );
    } catch (error) {
      this.#break(messageOf(error), error);
      return;
    }
    // Its bytes are sealed to other memory by now.
    if (frame instanceof Uint8Array && frame.length >= LONG_FRAME_BYTES) this.#inbox.sent(frame);
  }

  pause(): void {
    this.#inbox.pause();
    if (this.#state.kind === "open") this.#socket.pause();
  }

  resume(): void {
    this.#inbox.resume();
  }

  close(code: number, reason: string): void {
    if (this.#state.kind !== "open") return;
    this.#end({ initiator: "local", reason, code });
    this.#socket.close(NORMAL, "");
    this.#socket.resume();
  }

  destroy(reason: string, cause?: unknown): void {
    if (this.#state.kind === "gone") return;
    this.#end({ initiator: "local", reason, cause });
    this.#socket.destroy(reason, cause);
  }

  /** What came over the socket. */
  receive(frame: InboundFrame): void {
    if (this.#state.kind !== "open") return;
    try {
      if (!(frame instanceof BinaryFrame)) throw new Error("the relay sent a text message, which no frame is");
      this.#take(decodeFrame(frame.whole()));
    } catch (error) {
      this.#break(messageOf(error), error);
    }
  }

  /** The socket's queue has drained. */
  drained(): void {
    if (this.#state.kind === "open") this.#inbox.drained();
  }

  /** The socket is gone. */
  closed({ initiator, reason, cause }: PortClose): void {
    if (this.#state.kind === "gone") return;
    const state = this.#state;
    this.#wipe();
    this.#state = { kind: "gone" };
    if (state.kind === "ending") {
      this.#inbox.closeNow(state.close);
      return;
    }
    // Without its code: a relay has no say in what an executor tells by one.
    const close: PortClose = { initiator, reason: `the relay's socket: ${reason}`, cause };
    if (initiator === "fault") this.#inbox.closeNow(close);
    else this.#inbox.closeAfterKept(close);
  }

  #take({ streamId, body }: RelayFrame): void {
    if (streamId !== this.#streamId) return;
    switch (body.kind) {
      case "data": {
        const messages = this.#receiver.receive(body.sequence, body.payload);
        this.#bytesOpened += body.payload.length;
        for (const message of messages) this.#inbox.frame(inboundOf(message));
        return;
      }
      case "reset":
        // Its own reason is anybody's.
        this.#break("Noise relay stream reset");
        return;
      case "handshake":
        throw new Error("a handshake came in the middle of the stream");
      case "ack":
      case "heartbeat":
      case "resume":
        return;
    }
  }

  #end(close: PortClose): void {
    if (this.#state.kind === "open") this.#state = { kind: "ending", close };
    this.#wipe();
  }

  /** Nobody can go on from here: what follows could not be opened. */
  #break(reason: string, cause?: unknown): void {
    if (this.#state.kind !== "open") return;
    this.#end({ initiator: "fault", reason, cause });
    this.#socket.destroy(reason);
  }

  #wipe(): void {
    this.#heartbeat?.stop();
    this.#sender.wipe();
    this.#receiver.wipe();
  }

  #readOn(): void {
    if (this.#state.kind === "open") this.#socket.resume();
  }
}

function bytesOf(frame: OutboundFrame): Uint8Array {
  if (typeof frame === "string") return Buffer.from(frame);
  return frame instanceof BinaryFrame ? frame.whole() : frame;
}

function inboundOf(message: Uint8Array): InboundFrame {
  if (isBinaryMessage(message)) return new BinaryFrame([message]);
  if (message.length >= LONG_TEXT_BYTES) return message;
  return Buffer.from(message.buffer, message.byteOffset, message.length).toString();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
