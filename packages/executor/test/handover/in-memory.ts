import type { IncomingBytes, OutgoingBytes } from "../../src/platform/handed-bytes.ts";

/** What was put, as the next program gets it. */
export function handed({ pieces }: OutgoingBytes): IncomingBytes {
  const all = Buffer.concat(pieces);
  return { get: ([at, length]) => Buffer.from(all.subarray(at, at + length)) };
}

/** The same after it was text. */
export function throughText<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
