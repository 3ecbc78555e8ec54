import type { Offer, OfferLogFields, OfferOptions } from "@holdfast/relay/offer";
import { offer } from "@holdfast/relay/offer";
import type { FramePort, InboundFrame, PortClose } from "@holdfast/rpc";
import { executorKeyOf, RawHarness, type RawHarnessOptions } from "./raw-harness.ts";
import { SmallRelay } from "./small-relay.ts";

/** What became of a stream on the executor's side. */
export interface Served {
  readonly port: FramePort;
  readonly principal: string;
  readonly frames: InboundFrame[];
  close: PortClose | undefined;
}

export interface LogLine {
  readonly level: "debug" | "info" | "warn";
  readonly message: string;
  readonly fields: OfferLogFields;
}

/** An offer at a relay of its own. */
export class Offered implements AsyncDisposable {
  readonly relay: SmallRelay;
  readonly offer: Offer;
  readonly served: Served[];
  readonly lines: LogLine[];
  readonly waits: string[];

  private constructor(parts: Pick<Offered, "relay" | "offer" | "served" | "lines" | "waits">) {
    this.relay = parts.relay;
    this.offer = parts.offer;
    this.served = parts.served;
    this.lines = parts.lines;
    this.waits = parts.waits;
  }

  /** @param prepare - Before anything is sent. */
  static async start(
    options: Partial<OfferOptions> = {},
    prepare: (relay: SmallRelay) => void = () => {},
  ): Promise<Offered> {
    const relay = await SmallRelay.start();
    prepare(relay);
    const served: Served[] = [];
    const lines: LogLine[] = [];
    const waits: string[] = [];
    const write =
      (level: LogLine["level"]) =>
      (message: string, fields: OfferLogFields = {}) =>
        void lines.push({ level, message, fields });
    const running = offer({
      registryUrl: relay.url,
      environmentId: "env-1",
      credential: () => "token-1",
      accept: (port, principal) => {
        const stream: Served = { port, principal, frames: [], close: undefined };
        served.push(stream);
        port.open({
          frame: (frame) => void stream.frames.push(frame),
          drained: () => {},
          closed: (close) => {
            stream.close = close;
          },
        });
      },
      onWaiting: (reason) => void waits.push(reason),
      log: { debug: write("debug"), info: write("info"), warn: write("warn") },
      ...options,
    });
    return new Offered({ relay, offer: running, served, lines, waits });
  }

  /** A harness on the newest socket, which has said nothing yet. */
  async harness(options: RawHarnessOptions = {}): Promise<RawHarness> {
    const socket = await this.relay.socket(Math.max(1, this.relay.sockets.length));
    return new RawHarness(socket, executorKeyOf(this.relay), options);
  }

  /** A harness that was let in. */
  async joined(options: RawHarnessOptions = {}): Promise<{ readonly harness: RawHarness; readonly served: Served }> {
    const harness = await this.harness(options);
    const before = this.served.length;
    harness.knock();
    await harness.opened();
    return { harness, served: this.served[before] as Served };
  }

  messages(): readonly string[] {
    return this.lines.map(({ message }) => message);
  }

  reasons(): readonly unknown[] {
    return this.lines.flatMap(({ fields }) => (fields.noise_reason === undefined ? [] : [fields.noise_reason]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The clock may stand still, and streams be left: nobody gives them time.
    for (const { webSocket } of this.relay.sockets) webSocket.terminate();
    await this.offer.close();
    await this.relay[Symbol.asyncDispose]();
  }
}
