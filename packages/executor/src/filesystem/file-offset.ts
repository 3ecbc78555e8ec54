import { invalidInput, osFault } from "./fault.ts";

/** The first offset that no file has: 2^63. */
const OFFSET_END = 2 ** 63;

/*
 * An offset is a whole number, 0 or more; above 2^53 the nearest one that JavaScript has. Ends are compared by what is left: a
 * difference to a power of two is exact where a sum would be rounded.
 */

/** @throws FileSystemFault `invalid-input` - the last byte would lie beyond what a file can hold. */
export function checkReadRange(offset: number, length: number): void {
  if (length >= OFFSET_END - offset) throw osFault("EINVAL");
}

/** @throws FileSystemFault `invalid-input` - the last byte would lie beyond what a file can hold. */
export function checkWriteRange(offset: number, length: number): void {
  if (length >= OFFSET_END - offset) throw invalidInput("file write range exceeds the signed 64-bit file offset limit");
}

/**
 * Node writes at exact integers only; no common file system holds files of 8 PiB.
 *
 * @throws FileSystemFault `other` - the system would say that the file is too large.
 */
export function checkWritable(offset: number, length: number): void {
  if (length > Number.MAX_SAFE_INTEGER - offset) throw osFault("EFBIG");
}

/** A place in a file as Node reads from it: beyond 2^53 it takes no number. */
export function readPosition(offset: number, done: number): number | bigint {
  const position = offset + done;
  return position <= Number.MAX_SAFE_INTEGER ? position : BigInt(offset) + BigInt(done);
}
