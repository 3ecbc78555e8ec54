import { asBuffer } from "../as-buffer.ts";
import { Base64Bytes } from "../base64/base64-bytes.ts";

/** A message part that has bytes among its own members. */
export interface Bulk {
  readonly name: string;
  readonly bytes: Base64Bytes;
  readonly part: object;
}

/** The bytes of a message part, if it has any. Those that lie deeper, or are not the first, become text as JSON does it. */
export function bulkOf(part: unknown): Bulk | undefined {
  if (typeof part !== "object" || part === null) return undefined;
  for (const name in part) {
    const bytes: unknown = part[name as keyof typeof part];
    if (bytes instanceof Base64Bytes) return { name, bytes, part };
  }
  return undefined;
}

/**
 * The frame `before` + the JSON of the part + `after`, as bytes.
 *
 * The base64 comes last in its part and is written as it is: going through a JSON text would mean to look for characters to
 * escape, and later for characters beyond ASCII, of which it has none.
 *
 * @param allocate - Memory for the frame.
 */
export function bulkFrame(
  before: string,
  { name, bytes, part }: Bulk,
  after: string,
  allocate: (bytes: number) => Uint8Array,
): Uint8Array {
  const others = JSON.stringify({ ...part, [name]: undefined });
  const comma = others === "{}" ? "" : ",";
  const head = `${before}${others.slice(0, -1)}${comma}${JSON.stringify(name)}:"`;
  const tail = `"}${after}`;
  const headBytes = Buffer.byteLength(head);
  const tailStart = headBytes + bytes.textLength;
  const frame = asBuffer(allocate(tailStart + Buffer.byteLength(tail)));
  frame.write(head, "utf8");
  bytes.writeTo(frame, headBytes);
  frame.write(tail, tailStart, "utf8");
  return frame;
}
