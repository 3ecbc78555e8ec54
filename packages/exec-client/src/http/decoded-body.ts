import { HttpBodyError } from "../errors.ts";
import { streamFinalizer } from "../stream-finalizer.ts";
import { type DecoderFactory, decodersOf } from "./content-codings.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * How much a decoder is given at once, bytes. One that makes all it can of a piece before it waits for its reader, as the standard
 * has it, thus makes at most a thousand times this.
 */
const INPUT_MAX_BYTES = 16_384;

/**
 * A body without its content codings. Nothing is read of it before somebody reads here, so that back-pressure reaches its sender.
 *
 * @returns Undefined where there is nothing to decode.
 */
export function decodedBody(
  body: ReadableStream<Bytes>,
  contentEncoding: string | null,
): ReadableStream<Bytes> | undefined {
  return decodersOf(contentEncoding)?.reduce(decoded, body);
}

function decoded(source: ReadableStream<Bytes>, makeDecoder: DecoderFactory): ReadableStream<Bytes> {
  const decoding = new Decoding(source, makeDecoder);
  const stream = new ReadableStream<Bytes>(
    {
      pull: (controller) => decoding.pull(controller),
      cancel: (reason) => decoding.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  // It must not be held by what goes on here, or it could never be garbage-collected.
  streamFinalizer.register(stream, () => void decoding.cancel(undefined).catch(() => {}));
  return stream;
}

/** One coding of one body. */
class Decoding {
  readonly #source: ReadableStreamDefaultReader<Bytes>;
  readonly #makeDecoder: DecoderFactory;
  readonly #stop = new AbortController();
  #output: ReadableStreamDefaultReader<Bytes> | undefined;
  /** Why the source failed, which is no fault of the coding. */
  #sourceFailure: { readonly error: unknown } | undefined;

  constructor(source: ReadableStream<Bytes>, makeDecoder: DecoderFactory) {
    this.#source = source.getReader();
    this.#makeDecoder = makeDecoder;
    // Told at once, whatever the decoder still has.
    this.#source.closed.catch((error: unknown) => {
      this.#sourceFailure = { error };
      this.#stop.abort(error);
    });
  }

  /** Hand out what the decoder makes next. */
  async pull(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    try {
      this.#output ??= await this.#begin();
      // An empty body has no coding to take off.
      const piece = this.#output === undefined ? undefined : await nextOf(this.#output);
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    } catch (cause) {
      if (this.#sourceFailure !== undefined) throw this.#sourceFailure.error;
      await this.#source.cancel(cause).catch(() => {});
      const why = reasonOf(cause);
      throw new HttpBodyError(
        "broken",
        `the body can not be decoded, it is cut off or not as its content-encoding says: ${why}`,
      );
    }
  }

  async cancel(reason: unknown): Promise<void> {
    this.#stop.abort(reason);
    await this.#source.cancel(reason);
  }

  /** The decoder's end, once there is something to decode: from then on the two ends move by themselves, as far as they are let. */
  async #begin(): Promise<ReadableStreamDefaultReader<Bytes> | undefined> {
    const first = await nextOf(this.#source);
    if (first === undefined) return undefined;
    const { readable, writable } = this.#makeDecoder(first);
    // Why it failed is told by what is read.
    this.#inputFrom(first)
      .pipeTo(writable, { signal: this.#stop.signal })
      .catch(() => {});
    const output = readable.getReader();
    output.closed.catch(() => {});
    return output;
  }

  #inputFrom(first: Bytes): ReadableStream<Bytes> {
    let rest = first;
    return new ReadableStream<Bytes>(
      {
        pull: async (controller) => {
          const piece = rest.byteLength > 0 ? rest : await nextOf(this.#source);
          if (piece === undefined) return controller.close();
          rest = piece.subarray(INPUT_MAX_BYTES);
          controller.enqueue(piece.subarray(0, INPUT_MAX_BYTES));
        },
        cancel: (reason) => this.#source.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  }
}

/** Node puts the reason into the cause of an error without a text. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === "" && error.cause !== undefined ? reasonOf(error.cause) : error.message;
}

/** The next piece that holds something. Undefined: it was the last. */
async function nextOf(reader: ReadableStreamDefaultReader<Bytes>): Promise<Bytes | undefined> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    if (value.byteLength > 0) return value;
  }
}
