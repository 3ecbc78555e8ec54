import type { EnvelopeCodec } from "@holdfast/protocol-kit";
import { type Clock, createPeer, type FramePort, type InboundServer, type Peer, type PortClose } from "@holdfast/rpc";
import type { HealingLine } from "@holdfast/rpc/client";
import { CALLS_IN_FLIGHT } from "../limits.ts";

export interface LineOptions {
  readonly port: FramePort;
  readonly codec: EnvelopeCodec;
  readonly clock: Clock;
  /** Takes what the server asks, and every notice. */
  readonly server: InboundServer;
  /** Called with why a message could not be read. It is passed over, as a server does. */
  readonly onUnreadable: (reason: string) => void;
  readonly onBug: (error: unknown, method: string) => void;
}

/** One connection to an app server. Many may follow each other. */
export class Line implements HealingLine {
  readonly peer: Peer;
  readonly #port: FramePort;

  /** Opens the port. */
  constructor({ port, codec, clock, server, onUnreadable, onBug }: LineOptions) {
    const encodeMalformed = (reason: string): undefined => {
      onUnreadable(reason);
    };
    this.#port = port;
    this.peer = createPeer({
      port,
      codec: { ...codec, encodeMalformed },
      server,
      limits: CALLS_IN_FLIGHT,
      clock,
      onBug,
    });
  }

  /** Resolves when it is gone. */
  get lost(): Promise<PortClose> {
    return this.peer.closed;
  }

  get isOpen(): boolean {
    return this.peer.state.kind === "open";
  }

  /** Notice a server that vanished, where the platform sends no pings: any answer is a sign, be it a refusal. */
  askForSigns(): void {
    this.#port.askForSigns?.(() => {
      this.peer.call("thread/loaded/list", {}, { timeoutMs: 60_000, urgent: true }).catch(() => {});
    });
  }
}
