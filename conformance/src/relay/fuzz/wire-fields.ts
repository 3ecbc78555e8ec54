/** One field of a protobuf message, as odd as it may be. */
export interface WireField {
  readonly number: number;
  readonly wire: number;
  /** As it stands behind the tag, without the length of wire type 2. */
  readonly value: Buffer;
  /** Bytes that its tag and its length take more than they need. Default 0. */
  readonly padding?: number;
}

/** @param padding - Bytes more than it needs. */
export function varint(value: number | bigint, padding = 0): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  } while (rest > 0n);
  for (let more = 0; more < padding; more += 1) bytes.push(0x80);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) & 0x7f;
  return Buffer.from(bytes);
}

export function number(field: number, value: number | bigint): WireField {
  return { number: field, wire: 0, value: varint(value) };
}

export function bytes(field: number, value: Uint8Array): WireField {
  return { number: field, wire: 2, value: Buffer.from(value) };
}

export function text(field: number, value: string): WireField {
  return bytes(field, Buffer.from(value));
}

export function encodeFields(fields: readonly WireField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ number: field, wire, value, padding = 0 }) => {
      const tag = varint((BigInt(field) << 3n) | BigInt(wire), padding);
      return wire === 2 ? [tag, varint(value.length, padding), value] : [tag, value];
    }),
  );
}

const BODY = { data: 5, ack: 6, resume: 7, reset: 8, heartbeat: 9, handshake: 10 } as const;
export type BodyKind = keyof typeof BODY;

/** A frame as a sender may build it, field by field. */
export interface RawFrame {
  readonly outer: readonly WireField[];
  readonly kind: BodyKind;
  readonly inner: readonly WireField[];
}

export function rawFrame(streamId: string, kind: BodyKind, inner: readonly WireField[]): RawFrame {
  return { outer: [number(1, 1), text(2, streamId)], kind, inner };
}

export function rawData(streamId: string, sequence: number, payload: Uint8Array): RawFrame {
  return rawFrame(streamId, "data", [number(1, sequence), number(2, 0), number(3, 1), bytes(4, payload)]);
}

export function bodyField({ kind, inner }: RawFrame): WireField {
  return bytes(BODY[kind], encodeFields(inner));
}

export function encodeRaw(frame: RawFrame): Buffer {
  return encodeFields([...frame.outer, bodyField(frame)]);
}
