/** One whole message of a line. */
export type Frame = string | Uint8Array;

/** What a {@link FrameLine} tells its owner. */
export interface FrameLineReceiver<Close> {
  frame(frame: Frame): void;
  drained(): void;
  closed(close: Close): void;
}

/** A message-oriented duplex line. The `FramePort` of `@holdfast/rpc` satisfies it structurally. */
export interface FrameLine<Transport = unknown, Close = unknown> {
  readonly transport: Transport;
  readonly peerName: string;
  readonly queuedBytes: number;
  readonly writable: boolean;
  open(receiver: FrameLineReceiver<Close>): void;
  send(frame: Frame): void;
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  destroy(reason: string, cause?: unknown): void;
}

/** Text of a frame, for those who choose frames by what is in them. */
export function frameText(frame: Frame): string {
  return typeof frame === "string"
    ? frame
    : Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString("utf8");
}
