import { bytesOfText, TextPieces } from "../../text-pieces.ts";

/**
 * What a command can be given to read: all of it at once, or piece by piece. Texts are sent as UTF-8; a `Blob` and a stream are read as
 * the command takes them. The end of the source is the end of the command's stdin.
 */
export type InputSource =
  | string
  | Uint8Array
  | Blob
  | ReadableStream<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/** Reads a source to its end, or until it is no longer wanted. */
export interface InputReader {
  /** The next piece; undefined at the end. @throws unknown what the source failed with. */
  next(): Promise<Uint8Array | undefined>;
  /** Tell the source that no more of it is wanted. Never throws, and waits for nothing. */
  cancel(): void;
}

/** Whether a value is of a kind that can be read. */
export function isInputSource(value: unknown): value is InputSource {
  if (typeof value === "string") return true;
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Uint8Array || "stream" in value || "getReader" in value || Symbol.asyncIterator in value;
}

/** Whether it is known without a read that there is not a single byte. */
export function isKnownEmpty(source: InputSource): boolean {
  if (typeof source === "string") return source === "";
  if (source instanceof Uint8Array) return source.byteLength === 0;
  return isBlob(source) && source.size === 0;
}

/** @throws TypeError a stream that is being read by somebody else. */
export function readInput(source: InputSource): InputReader {
  if (typeof source === "string" || source instanceof Uint8Array) return piece(source);
  if (isBlob(source)) return streamReader(source.stream());
  return "getReader" in source ? streamReader(source) : iterableReader(source);
}

function isBlob(source: object): source is Blob {
  return "stream" in source && "size" in source && typeof source.stream === "function";
}

function piece(data: string | Uint8Array): InputReader {
  let left: string | Uint8Array | undefined = data;
  return {
    next: async () => {
      const bytes = typeof left === "string" ? bytesOfText(left, "input") : left;
      left = undefined;
      return bytes;
    },
    cancel: () => {},
  };
}

function streamReader(stream: ReadableStream<string | Uint8Array>): InputReader {
  const reader = stream.getReader();
  const encode = pieceEncoder();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return encode(done ? undefined : value);
    },
    cancel: () => void reader.cancel("the command takes no more input").catch(() => {}),
  };
}

function iterableReader(source: AsyncIterable<string | Uint8Array>): InputReader {
  const pieces = source[Symbol.asyncIterator]();
  const encode = pieceEncoder();
  return {
    next: async () => {
      const { done, value } = await pieces.next();
      return encode(done === true ? undefined : value);
    },
    // Not waited for: it may be busy with a piece for as long as it likes.
    cancel: () => void (async () => pieces.return?.())().catch(() => {}),
  };
}

/** Makes bytes of pieces; the end is undefined. @throws InvalidArgumentError, TypeError */
function pieceEncoder(): (piece: unknown) => Uint8Array | undefined {
  const texts = new TextPieces("input");
  return (value) => {
    if (typeof value === "string") return texts.encode(value);
    texts.end();
    if (value === undefined || value instanceof Uint8Array) return value;
    throw new TypeError(`a piece of the input must be a string or Uint8Array, not ${nameOf(value)}`);
  };
}

function nameOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
