import { freeMemory } from "@holdfast/protocol-kit";
import { decodeFrame, encodeFrame, RESET_REASON, type RelayFrame } from "@holdfast/relay-protocol";
import type { Identity } from "@holdfast/relay-protocol/noise";
import { BinaryFrame, type Clock, type FramePort, type InboundFrame, type PortClose } from "@holdfast/rpc";
import { FairSender } from "./fair-sender.ts";
import { type HandshakePlaces, Handshakes, type OpenedChannel } from "./handshakes.ts";
import { harnessName } from "./harness-name.ts";
import type { LimitedWarnings } from "./limited-warnings.ts";
import type { OfferLog } from "./offer-log.ts";
import type { RegistryClient } from "./registry-client.ts";
import { StreamPort, type StreamSocket } from "./stream-port.ts";

export interface ExecutorSocketParts {
  /** Open, and nobody else's. */
  readonly port: FramePort;
  readonly peerName: string;
  readonly place: HandshakePlaces;
  readonly identity: Identity;
  readonly registry: Pick<RegistryClient, "validate">;
  readonly accept: (port: FramePort, principal: string) => void;
  readonly clock: Clock;
  readonly log: OfferLog;
  readonly warnings: LimitedWarnings;
}

/** One socket to the relay, and the streams of all harnesses on it. */
export class ExecutorSocket {
  /** Resolves when the socket, and with it every stream, is gone. */
  readonly closed: Promise<PortClose>;
  readonly #parts: ExecutorSocketParts;
  readonly #streams = new Map<string, StreamPort>();
  readonly #sender: FairSender;
  readonly #handshakes: Handshakes;
  readonly #streamSocket: StreamSocket;
  readonly #noStreams: (() => void)[] = [];

  constructor(parts: ExecutorSocketParts) {
    this.#parts = parts;
    const { port, clock, peerName } = parts;
    this.#sender = new FairSender(port);
    this.#handshakes = new Handshakes({
      ...parts,
      liveCount: () => this.#streams.size,
      isLive: (streamId) => this.#streams.has(streamId),
      reset: (streamId) => this.#reset(streamId),
      answer: (streamId, message, opened) => this.#answer(streamId, message, opened),
    });
    this.#streamSocket = {
      clock,
      peerName,
      ready: (source) => this.#sender.ready(source),
      hold: (streamId, hold) => this.#sender.control(encodeFrame({ streamId, body: { kind: "heartbeat", hold } })),
      over: (stream, isTold) => this.#over(stream, isTold),
    };
    this.closed = new Promise((resolve) => {
      port.open({
        frame: (frame) => this.#take(frame),
        drained: () => this.#sender.pump(),
        // A flood of frames would keep the garbage collector busy.
        sent: freeMemory,
        closed: (close) => {
          this.#lost(close);
          resolve(close);
        },
      });
    });
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  /** Resolves when there is no stream. */
  async whenIdle(): Promise<void> {
    if (this.#streams.size === 0) return;
    await new Promise<void>((resolve) => this.#noStreams.push(resolve));
  }

  #take(frame: InboundFrame): void {
    const { warnings } = this.#parts;
    if (typeof frame === "string" || !(frame instanceof BinaryFrame)) {
      warnings.warn("text", "dropping non-binary Noise relay frame from harness");
      return;
    }
    const bytes = frame.whole();
    let decoded: RelayFrame;
    try {
      decoded = decodeFrame(bytes);
    } catch (error) {
      warnings.warn("frame", `dropping invalid Noise relay frame: ${error instanceof Error ? error.message : error}`);
      return;
    }
    this.#dispatch(decoded);
    // Opened or kept for later, records are copies.
    if (decoded.body.kind === "data" && bytes.byteLength === bytes.buffer.byteLength) freeMemory(bytes);
  }

  #dispatch({ streamId, body }: RelayFrame): void {
    const stream = this.#streams.get(streamId);
    switch (body.kind) {
      case "data":
        if (stream !== undefined) stream.receive(body.sequence, body.payload);
        else if (!this.#handshakes.data(streamId)) this.#reset(streamId);
        break;
      case "handshake":
        this.#handshakes.begin(streamId, body.payload);
        break;
      case "reset":
        // Its reason is anybody's word.
        if (stream === undefined) this.#handshakes.reset(streamId);
        else stream.lost({ initiator: "remote", reason: "Noise relay stream reset" });
        break;
      case "heartbeat":
        if (body.hold !== undefined) stream?.relayHolds(body.hold);
        break;
      case "ack":
      case "resume":
        break;
    }
  }

  #answer(streamId: string, payload: Uint8Array, opened: OpenedChannel | undefined): void {
    this.#sender.control(encodeFrame({ streamId, body: { kind: "handshake", payload } }));
    if (opened === undefined) return;
    const { accept, log } = this.#parts;
    const stream = new StreamPort(streamId, opened.channel, this.#streamSocket);
    this.#streams.set(streamId, stream);
    log.info?.("Noise executor handshake completed", { noise_event: "handshake", noise_outcome: "ok" });
    accept(stream, harnessName(opened.harnessKey));
  }

  #over(stream: StreamPort, isTold: boolean): void {
    this.#sender.remove(stream);
    if (this.#streams.get(stream.streamId) === stream) this.#streams.delete(stream.streamId);
    if (isTold) this.#reset(stream.streamId);
    if (this.#streams.size > 0) return;
    for (const resolve of this.#noStreams.splice(0)) resolve();
  }

  #reset(streamId: string): void {
    this.#sender.control(encodeFrame({ streamId, body: { kind: "reset", reason: RESET_REASON } }));
  }

  #lost({ reason, cause }: PortClose): void {
    this.#handshakes.end();
    const close: PortClose = { initiator: "fault", reason: `the line to the relay is gone: ${reason}`, cause };
    for (const stream of [...this.#streams.values()]) stream.lost(close);
  }
}
