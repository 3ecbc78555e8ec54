import type { Duplex } from "node:stream";

/** Makes of the bytes of a body what they stand for. */
export interface Decoder {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;
}

/** Makes the decoder of one coding for a body that begins with these bytes. */
export type DecoderFactory = (first: Uint8Array) => Decoder;

/** The window that a decoder of zstd must have for the web and may not exceed, as a power of two: 8 MiB (RFC 9659). */
const ZSTD_WINDOW_LOG_MAX = 23;
/** The letter `a`, but for its last byte. */
const CUT_ZSTD_FRAME = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x01, 0x09, 0x00, 0x00);
/** Codings of one body that are taken off; no server has a reason to lay on more. */
const CODINGS_MAX = 5;

let known: ReadonlyMap<string, DecoderFactory> | undefined;

/** What a request asks for: every coding that can be decoded here, in the order of `accept-encoding`. */
export function acceptedCodings(): string {
  return [...decoders().keys()].filter((name) => name !== "x-gzip").join(", ");
}

/**
 * The decoders of a body, in the order in which it goes through them.
 *
 * @param contentEncoding - The header of that name.
 * @returns Undefined where nothing is to be decoded: no coding, one that is not known here, or more than five.
 */
export function decodersOf(contentEncoding: string | null): readonly DecoderFactory[] | undefined {
  const names = (contentEncoding ?? "").split(",").map((name) => name.trim().toLowerCase());
  const codings = names.filter((name) => name !== "" && name !== "identity");
  const factories = codings.flatMap((name) => decoders().get(name) ?? []);
  if (codings.length === 0 || codings.length > CODINGS_MAX || factories.length < codings.length) return undefined;
  return factories.reverse();
}

/** Looked up once, at the first request: programs that make none load nothing. */
function decoders(): ReadonlyMap<string, DecoderFactory> {
  known ??= new Map(findDecoders());
  return known;
}

function* findDecoders(): Generator<[string, DecoderFactory]> {
  const gzip: DecoderFactory = () => platformDecoder("gzip");
  yield ["gzip", gzip];
  yield ["x-gzip", gzip];
  const modules = globalThis.process as Pick<NodeJS.Process, "getBuiltinModule"> | undefined;
  const zlib = modules?.getBuiltinModule?.("node:zlib");
  const streams = modules?.getBuiltinModule?.("node:stream");
  const toPair = (transform: Duplex): Decoder => streams?.Duplex.toWeb(transform) as unknown as Decoder;
  // Servers send both of what the name was taken for, with a zlib header and without. Deno's own takes what is cut off for whole.
  const inflate = (hasHeader: boolean): Decoder => {
    if (streams === undefined || zlib === undefined) return platformDecoder(hasHeader ? "deflate" : "deflate-raw");
    return toPair(hasHeader ? zlib.createInflate() : zlib.createInflateRaw());
  };
  yield ["deflate", ([first = 0]) => inflate((first & 0x0f) === 8)];
  const brotli = ["brotli", "br"].find(isOfPlatform);
  if (brotli !== undefined) yield ["br", () => platformDecoder(brotli)];
  else if (streams !== undefined && zlib?.createBrotliDecompress !== undefined)
    yield ["br", () => toPair(zlib.createBrotliDecompress())];
  if (isOfPlatform("zstd")) yield ["zstd", () => platformDecoder("zstd")];
  else if (streams !== undefined && zlib?.createZstdDecompress !== undefined && noticesCutZstd(zlib)) {
    const params = { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX };
    yield ["zstd", () => toPair(zlib.createZstdDecompress({ params }))];
  }
}

/** Whether what is cut off is an error, and not taken for whole, as that of Deno and of Node before 24 does. */
function noticesCutZstd({ zstdDecompressSync }: typeof import("node:zlib")): boolean {
  try {
    zstdDecompressSync(CUT_ZSTD_FRAME);
    return false;
  } catch {
    return true;
  }
}

function isOfPlatform(format: string): boolean {
  try {
    platformDecoder(format);
    return true;
  } catch {
    return false;
  }
}

function platformDecoder(format: string): Decoder {
  return new DecompressionStream(format as never) as unknown as Decoder;
}
