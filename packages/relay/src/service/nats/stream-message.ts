/** What the two halves of a stream, on two nodes, say to each other. */
export type StreamMessage =
  /** A frame of an end, numbered from 0 on in its direction: a number that is not the next one tells that something was lost. */
  | { readonly kind: "frame"; readonly number: number; readonly frame: Uint8Array }
  /** Frames before `number` have arrived. The first one, of a harness's half, tells that the stream is wanted. */
  | { readonly kind: "arrived"; readonly number: number }
  | { readonly kind: "hold"; readonly isHeld: boolean }
  | { readonly kind: "over"; readonly reason: string };

const FRAME = 1;
const ARRIVED = 2;
const HOLD = 3;
const OVER = 4;
/** A byte for the kind and four for a number. */
const HEAD_BYTES = 5;
const REASON_MAX_BYTES = 1_024;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

export function encodeMessage(message: StreamMessage): Uint8Array<ArrayBuffer> {
  switch (message.kind) {
    case "frame":
      return encoded(FRAME, message.number, message.frame);
    case "arrived":
      return encoded(ARRIVED, message.number);
    case "hold":
      return encoded(HOLD, message.isHeld ? 1 : 0);
    case "over":
      return encoded(OVER, 0, ENCODER.encode(message.reason).subarray(0, REASON_MAX_BYTES));
  }
}

/** @returns nothing where it is none. A frame shares the memory of `bytes`. */
export function decodeMessage(bytes: Uint8Array): StreamMessage | undefined {
  if (bytes.byteLength < HEAD_BYTES) return undefined;
  const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  const rest = bytes.subarray(HEAD_BYTES);
  switch (bytes[0]) {
    case FRAME:
      return { kind: "frame", number, frame: rest };
    case ARRIVED:
      return { kind: "arrived", number };
    case HOLD:
      return { kind: "hold", isHeld: number === 1 };
    case OVER:
      return { kind: "over", reason: DECODER.decode(rest.subarray(0, REASON_MAX_BYTES)) };
    default:
      return undefined;
  }
}

const NOTHING = new Uint8Array(0);

function encoded(kind: number, number: number, rest: Uint8Array = NOTHING): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD_BYTES + rest.byteLength);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, number);
  bytes.set(rest, HEAD_BYTES);
  return bytes;
}
