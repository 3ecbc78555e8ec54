import type { HttpRequestBodyDeltaNotice, Received } from "@holdfast/exec-server-protocol";
import { asUint8Array } from "../as-uint8-array.ts";
import { HttpBodyError } from "../errors.ts";
import { HTTP_BODY_DELTA_MAX_BYTES } from "../limits.ts";
import { streamFinalizer } from "../stream-finalizer.ts";

export interface BodyStreamOptions {
  /** Told of every change of the bytes that wait here: by how many they grew. */
  readonly onQueued: (bytes: number) => void;
  /** What a failure is to be told as. Default: what it is. */
  readonly told?: (error: unknown) => unknown;
  /** Called once, when nothing more is wanted or comes. `cancelled`: the executor may still be sending. */
  readonly onEnded: (how: "done" | "cancelled") => void;
}

type Bytes = Uint8Array<ArrayBuffer>;

type Controller = ReadableStreamDefaultController<Bytes>;

/** `receiving`: more comes. `received`: all of it is here. `over`: failed or unwanted; what had come is dropped. */
type State = "receiving" | "received" | "over";

/**
 * The body of one answer: pieces come in by number, and go out as a stream.
 *
 * The stream is held by its reader alone. What lives on, the connection above all, must not hold it, or it could never be
 * garbage-collected.
 */
export class BodyStream {
  readonly #options: BodyStreamOptions;
  readonly #pieces: Bytes[] = [];
  readonly #listening = new AbortController();
  #state: State = "receiving";
  #nextSeq = 1;
  #queuedBytes = 0;
  /** Why it is over, for a stream that is yet to be opened. */
  #failure: { readonly error: unknown } | undefined;
  #controller: WeakRef<Controller> | undefined;
  /** Continues the read that waits for a piece. */
  #wake: (() => void) | undefined;

  constructor(options: BodyStreamOptions) {
    this.#options = options;
  }

  /** The stream, which fails as soon as the signal aborts. To be called once. */
  open(signal: AbortSignal | undefined): ReadableStream<Bytes> {
    const stream = new ReadableStream<Bytes>(
      {
        start: (controller) => {
          this.#controller = new WeakRef(controller);
          if (this.#failure !== undefined) controller.error(this.#failure.error);
        },
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#leave(),
      },
      { highWaterMark: 0 },
    );
    const abort = (): void => this.#end(signal?.reason);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true, signal: this.#listening.signal });
    streamFinalizer.register(stream, () => this.#leave());
    return stream;
  }

  /** Take the next piece. One that does not fit fails this stream only. @throws Error it is none at all. */
  accept({ seq, deltaBase64, done = false, error }: Received<HttpRequestBodyDeltaNotice>): void {
    if (this.#state !== "receiving") return;
    const piece = asUint8Array(deltaBase64);
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
    this.#wake?.();
  }

  /** There will be no more: readers are told at once. */
  fail(error: unknown): void {
    if (this.#state === "receiving") this.#end(error);
  }

  #complete(): void {
    this.#state = "received";
    this.#options.onEnded("done");
  }

  #end(failure: unknown): void {
    const error = this.#options.told?.(failure) ?? failure;
    this.#failure = { error };
    this.#controller?.deref()?.error(error);
    this.#leave();
  }

  #leave(): void {
    const wasReceiving = this.#state === "receiving";
    this.#state = "over";
    this.#listening.abort();
    this.#pieces.length = 0;
    this.#count(-this.#queuedBytes);
    this.#wake?.();
    if (wasReceiving) this.#options.onEnded("cancelled");
  }

  /** Hand out the next piece; a read that finds none waits for it. */
  #pull(controller: Controller): void | Promise<void> {
    if (this.#pieces.length > 0 || this.#state !== "receiving") return this.#handOut(controller);
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        this.#handOut(controller);
        resolve();
      };
    });
  }

  #handOut(controller: Controller): void {
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#count(-piece.byteLength);
      controller.enqueue(piece);
    }
    if (this.#pieces.length > 0 || this.#state !== "received") return;
    this.#listening.abort();
    controller.close();
  }

  #count(bytes: number): void {
    this.#queuedBytes += bytes;
    if (bytes !== 0) this.#options.onQueued(bytes);
  }
}
