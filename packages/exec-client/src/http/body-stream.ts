import type { HttpRequestBodyDeltaNotice, Received } from "@holdfast/exec-server-protocol";
import { HttpBodyError } from "../errors.ts";
import { HTTP_BODY_DELTA_MAX_BYTES } from "../limits.ts";
import { plainBytes } from "../plain-bytes.ts";

export interface BodyStreamOptions {
  readonly requestId: string;
  /** Told of every change of the bytes that wait here: by how many they grew. */
  readonly onQueued: (bytes: number) => void;
  /** Called once, when nothing more is wanted or comes. `cancelled`: the executor may still be sending. */
  readonly onEnded: (how: "done" | "cancelled") => void;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** `receiving`: more comes. `received`: all of it is here. `over`: failed or unwanted; what had come is dropped. */
type State = "receiving" | "received" | "over";

/** The body of one answer: pieces come in by number, and go out as a stream. */
export class BodyStream {
  readonly readable: ReadableStream<Bytes>;
  readonly #options: BodyStreamOptions;
  readonly #pieces: Bytes[] = [];
  #state: State = "receiving";
  #nextSeq = 1;
  #queuedBytes = 0;
  #error: (error: unknown) => void = () => {};
  /** Resolves when there may be something to hand out. */
  #news = Promise.withResolvers<void>();

  constructor(options: BodyStreamOptions) {
    this.#options = options;
    this.readable = new ReadableStream<Bytes>(
      {
        start: (controller) => {
          this.#error = (error) => controller.error(error);
        },
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#leave(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Take the next piece. One that does not fit fails this stream only. @throws Error it is none at all. */
  accept({ seq, deltaBase64, done = false, error }: Received<HttpRequestBodyDeltaNotice>): void {
    if (this.#state !== "receiving") return;
    const piece = plainBytes(deltaBase64);
    if (piece.byteLength > HTTP_BODY_DELTA_MAX_BYTES) {
      throw new RangeError(`deltaBase64 holds ${piece.byteLength} bytes, more than ${HTTP_BODY_DELTA_MAX_BYTES}`);
    }
    if (seq !== this.#nextSeq) {
      this.fail(new HttpBodyError("protocol", `piece ${seq} came where ${this.#nextSeq} was due`));
      return;
    }
    this.#nextSeq += 1;
    if (piece.byteLength > 0) {
      this.#pieces.push(piece);
      this.#count(piece.byteLength);
    }
    if (typeof error === "string") this.fail(new HttpBodyError("broken", error));
    else if (done) this.#complete();
    this.#wake();
  }

  /** There will be no more: readers are told at once. */
  fail(error: unknown): void {
    if (this.#state !== "receiving") return;
    this.#leave();
    this.#error(error);
  }

  #complete(): void {
    this.#state = "received";
    this.#options.onEnded("done");
  }

  #leave(): void {
    const wasReceiving = this.#state === "receiving";
    this.#state = "over";
    this.#pieces.length = 0;
    this.#count(-this.#queuedBytes);
    this.#wake();
    if (wasReceiving) this.#options.onEnded("cancelled");
  }

  async #pull(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    while (this.#pieces.length === 0 && this.#state === "receiving") await this.#news.promise;
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#count(-piece.byteLength);
      controller.enqueue(piece);
    }
    if (this.#pieces.length === 0 && this.#state === "received") controller.close();
  }

  #count(bytes: number): void {
    this.#queuedBytes += bytes;
    if (bytes !== 0) this.#options.onQueued(bytes);
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
