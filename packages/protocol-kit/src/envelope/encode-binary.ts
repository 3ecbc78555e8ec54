import { asBuffer } from "../as-buffer.ts";
import { BinaryFrame } from "./binary-frame.ts";
import { BYTES, LENGTH_BYTES } from "./binary-layout.ts";
import type { Bulk } from "./bulk-frame.ts";

/** A message without bytes as a binary one. */
export function textAsBinary(json: string): BinaryFrame {
  return new BinaryFrame([headOf(json, 0, (bytes) => Buffer.allocUnsafe(bytes))]);
}

/**
 * The binary message of the JSON `before` + the other members of the part + `after`, and the bytes behind it.
 *
 * @param after - Begins behind the part, and must close the envelope.
 * @param allocate - Memory for a frame into which the bytes are copied. Bytes that stay as they are go out from where they are.
 */
export function encodeBinary(
  before: string,
  { name, bytes, part }: Bulk,
  after: string,
  allocate: (bytes: number) => Uint8Array,
): BinaryFrame {
  const others = JSON.stringify({ ...part, [name]: undefined });
  const json = `${before}${others},"${BYTES}":${JSON.stringify(name)}${after}`;
  if (bytes.stays)
    return new BinaryFrame([headOf(json, 0, (count) => Buffer.allocUnsafe(count)), bytes.bytes], () => bytes.written());
  const { byteLength } = bytes.bytes;
  const frame = headOf(json, byteLength, allocate);
  frame.set(bytes.bytes, frame.length - byteLength);
  bytes.written();
  return new BinaryFrame([frame]);
}

function headOf(json: string, room: number, allocate: (bytes: number) => Uint8Array): Buffer {
  const jsonBytes = Buffer.byteLength(json);
  const frame = asBuffer(allocate(LENGTH_BYTES + jsonBytes + room));
  frame.writeUInt32BE(jsonBytes, 0);
  frame.write(json, LENGTH_BYTES, "utf8");
  return frame;
}
