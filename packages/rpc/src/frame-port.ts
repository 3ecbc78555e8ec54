import type { InboundFrame, OutboundFrame } from "@holdfast/protocol-kit";

export type { InboundFrame, OutboundFrame } from "@holdfast/protocol-kit";

/** Why a port is gone. First cause wins. */
export interface PortClose {
  /** Which side ended it. `fault`: neither asked for it (reset, malformed framing, missed heartbeat). */
  readonly initiator: "local" | "remote" | "fault";
  /** One line for people: `peer closed the connection (1000)`, `read ECONNRESET`, … */
  readonly reason: string;
  /** WebSocket close code, where there is one. */
  readonly code?: number | undefined;
  readonly cause?: unknown;
}

/** Callbacks of a port. Never called before `open`, nor after `closed`. */
export interface FrameReceiver {
  /** One whole message. Bytes when it is long, or the transport cannot vouch for UTF-8, as for stdio lines. */
  frame(frame: InboundFrame): void;
  /** `queuedBytes` fell below the port's low-water mark after `send` had pushed it above the high one. */
  drained(): void;
  /**
   * The operating system has taken this frame, one of those that `send` was given as bytes: their memory may be used again.
   * Not every port reports this, nor for every frame.
   */
  sent?(frame: Uint8Array): void;
  /** The port is gone; exactly once. */
  closed(close: PortClose): void;
}

/**
 * One message-oriented duplex connection: a websocket, a pair of pipes, a pair of queues.
 *
 * A port keeps the order of frames, never splits or joins them, and knows nothing of what is inside.
 */
export interface FramePort {
  /** Kind of transport, for messages and policies. */
  readonly transport: "websocket" | "stdio" | "memory" | "relay";
  /** The far end for people, e.g. `127.0.0.1:50312`; empty when there is nothing to say. */
  readonly peerName: string;
  /** Bytes accepted by `send` that the operating system has not taken yet. */
  readonly queuedBytes: number;
  /** True while `queuedBytes` is under the high-water mark. `send` works either way: it is advice to producers. */
  readonly writable: boolean;
  /**
   * True once `send` drops every frame, though `closed` has not come yet, such as after the far end's close frame: a call that is made
   * then was never sent. Absent: the port does not know before `closed`.
   */
  readonly isEnding?: boolean | undefined;
  /** A message that the codec can't read ends the port, and is not answered: as where both ends vouch for every byte. Absent: it is answered. */
  readonly endsAtUnreadable?: boolean | undefined;
  /** Whether binary messages can be sent; one that is sent where they can not ends the port. Absent: they can not. */
  readonly carriesBinary?: boolean | undefined;
  /**
   * Watch from now on whether the far end is still there, by having it say something when `ask` is called: any frame will do. The port
   * ends with initiator `fault` when none comes. Absent: the port needs no help to notice that, or can not.
   */
  askForSigns?(ask: () => void): void;
  /** Begin delivery. Frames that arrived earlier are delivered first. Call once. */
  open(receiver: FrameReceiver): void;
  /**
   * Queue one frame. Silently dropped when the port is closing or closed: `closed` tells.
   *
   * @param frame - Text, or the same text as bytes of UTF-8, which belong to the port from now on: a text frame either way. Or a binary
   *   message, where the port carries them.
   */
  send(frame: OutboundFrame): void;
  /** Stop reading frames, so that the far end feels back-pressure. */
  pause(): void;
  resume(): void;
  /** Close the connection after what is queued. `code` and `reason` reach the far end where the transport can carry them. */
  close(code: number, reason: string): void;
  /** Close the connection now; what is queued may be lost. */
  destroy(reason: string, cause?: unknown): void;
}
