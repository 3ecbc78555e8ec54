/** Two lengths of four bytes each: of the whole rest, and of the JSON in it. */
const HEADER_BYTES = 8;

/** One message between the executor and a helper: a JSON value, and bytes that would be wasteful as JSON. */
export interface Frame {
  readonly json: unknown;
  readonly payload: Buffer;
}

export const NO_PAYLOAD: Buffer = Buffer.alloc(0);

/** The other side does not speak as it should. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** The buffers of a frame, to be written one after the other. */
export function encodeFrame({ json, payload }: Frame): readonly Buffer[] {
  const text = Buffer.from(JSON.stringify(json));
  const head = Buffer.allocUnsafe(HEADER_BYTES + text.length);
  head.writeUInt32BE(text.length + payload.length, 0);
  head.writeUInt32BE(text.length, 4);
  text.copy(head, HEADER_BYTES);
  return payload.length === 0 ? [head] : [head, payload];
}

/** Puts frames together from chunks. Keeps no more than one frame of the size that is allowed when it begins. */
export class FrameDecoder {
  readonly #maxBytes: () => number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted: { readonly total: number; readonly json: number } | undefined;

  /** @param maxBytes - Most that a frame may have, asked when one begins. */
  constructor(maxBytes: () => number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Frames that are complete now.
   *
   * @throws FrameError for one that is too large or not as it should be.
   */
  push(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    this.#wanted ??= this.#header();
    if (this.#wanted === undefined || this.#bytes < this.#wanted.total) return undefined;
    const { total, json } = this.#wanted;
    this.#wanted = undefined;
    const body = this.#take(total);
    return { json: parse(body.toString("utf8", 0, json)), payload: body.subarray(json) };
  }

  #header(): { readonly total: number; readonly json: number } | undefined {
    if (this.#bytes < HEADER_BYTES) return undefined;
    const header = this.#take(HEADER_BYTES);
    const [total, json] = [header.readUInt32BE(0), header.readUInt32BE(4)];
    const maxBytes = this.#maxBytes();
    if (total > maxBytes) throw new FrameError(`a message of ${total} bytes is longer than ${maxBytes}`);
    if (json > total) throw new FrameError(`a message of ${total} bytes can't hold ${json} bytes of JSON`);
    return { total, json };
  }

  #take(count: number): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] ?? NO_PAYLOAD) : Buffer.concat(this.#chunks);
    this.#chunks = all.length > count ? [all.subarray(count)] : [];
    this.#bytes -= count;
    return all.subarray(0, count);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new FrameError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}
