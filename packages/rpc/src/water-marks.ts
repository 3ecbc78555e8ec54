/** Named bounds of an outbound queue. */
export interface WaterMarks {
  /** `writable` turns false at this many queued bytes. */
  readonly highWaterBytes: number;
  /** `drained` is called when the queue has fallen to this many bytes. */
  readonly lowWaterBytes: number;
}

/** 4 MiB and 1 MiB. */
export const DEFAULT_WATER_MARKS: WaterMarks = {
  highWaterBytes: 4 * 1024 * 1024,
  lowWaterBytes: 1024 * 1024,
};

/** Fill in the defaults. A low mark that was not given never lies above the high one. */
export function waterMarksOf(options: {
  readonly highWaterBytes?: number | undefined;
  readonly lowWaterBytes?: number | undefined;
}): WaterMarks {
  const highWaterBytes = options.highWaterBytes ?? DEFAULT_WATER_MARKS.highWaterBytes;
  const lowWaterBytes = options.lowWaterBytes ?? Math.min(DEFAULT_WATER_MARKS.lowWaterBytes, highWaterBytes >> 2);
  if (!(highWaterBytes > 0)) throw new RangeError("highWaterBytes must be positive");
  if (!(lowWaterBytes >= 0 && lowWaterBytes < highWaterBytes)) {
    throw new RangeError("lowWaterBytes must not be negative and must be below highWaterBytes");
  }
  return { highWaterBytes, lowWaterBytes };
}
