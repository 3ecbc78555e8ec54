import type { FramePort } from "../frame-port.ts";
import { waterMarksOf } from "../water-marks.ts";
import { MemoryPort } from "./memory-port.ts";

/** Options of {@link memoryLink}. */
export interface MemoryLinkOptions {
  /** Default 4 MiB. Text counts by its length in UTF-16 code units. */
  readonly highWaterBytes?: number | undefined;
  /** Default 1 MiB, or a quarter of `highWaterBytes` if that is less. */
  readonly lowWaterBytes?: number | undefined;
}

/**
 * Two ports joined inside one process. What one sends, the other receives in a later turn of the event loop, in
 * batches, so that two busy peers leave room for timers and sockets.
 */
export function memoryLink(options: MemoryLinkOptions = {}): [FramePort, FramePort] {
  const waterMarks = waterMarksOf(options);
  const left = new MemoryPort(waterMarks);
  const right = new MemoryPort(waterMarks);
  left.join(right);
  right.join(left);
  return [left, right];
}
