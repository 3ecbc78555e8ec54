import { isRecord } from "../../steps/is-record.ts";

/** One line of the file of a thread. What a type is not known for is kept as it is. */
export interface RolloutRecord {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A line, read. */
export interface WrittenRecord extends RolloutRecord {
  /** Place in the thread, from 0. Files of old releases have none. */
  readonly ordinal: number | undefined;
  /** In milliseconds since 1970; 0 where the line has none. */
  readonly time: number;
}

/** Read a line. Undefined: it is broken, and stands for nothing. */
export function readRecord(line: string): WrittenRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value.type !== "string" || !isRecord(value.payload)) return undefined;
  const { type, payload, ordinal, timestamp } = value;
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return {
    type,
    payload,
    ordinal: typeof ordinal === "number" && Number.isSafeInteger(ordinal) && ordinal >= 0 ? ordinal : undefined,
    time: Number.isNaN(time) ? 0 : time,
  };
}

/** @param ordinal - Left out where the file has none. */
export function recordLine({ type, payload }: RolloutRecord, ordinal: number | undefined, now: number): string {
  const timestamp = new Date(now).toISOString();
  return `${JSON.stringify(ordinal === undefined ? { timestamp, type, payload } : { timestamp, ordinal, type, payload })}\n`;
}
