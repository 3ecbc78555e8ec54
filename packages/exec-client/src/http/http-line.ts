import type { HttpRequestParams, HttpRequestResult, Received, Sendable } from "@holdfast/exec-server-protocol";
import { isRemoteError, LinkError } from "@holdfast/rpc";
import { HttpBodyError } from "../errors.ts";
import { HTTP_QUEUED_BODY_MAX_BYTES } from "../limits.ts";
import type { Line } from "../session/line.ts";
import { BodyStream } from "./body-stream.ts";

/** Holds back what comes in on a line that serves nothing but bodies. */
export interface Gate {
  pause(): void;
  resume(): void;
}

/** An answer whose body streams in. */
export interface StreamedAnswer {
  readonly head: Received<HttpRequestResult>;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Queued bytes at which a gated line stops to read, and at which it goes on. */
const HIGH_WATER_BYTES = 2_097_152;
const LOW_WATER_BYTES = 524_288;

/** The streamed answers of one line. */
export class HttpLine {
  readonly #line: Line;
  readonly #gate: Gate | undefined;
  readonly #bodies = new Map<string, BodyStream>();
  #queuedBytes = 0;
  #held = false;

  /** @param gate - Only for a line of its own: a held line is silent for everybody. */
  constructor(line: Line, gate: Gate | undefined) {
    this.#line = line;
    this.#gate = gate;
    line.stub.on("http/request/bodyDelta", (delta) => this.#bodies.get(delta.requestId)?.accept(delta));
    void line.lost.then(({ close, code }) => {
      const message = `the line to the executor is gone: ${close.reason}`;
      for (const body of [...this.#bodies.values()]) {
        body.fail(new LinkError(code, message, { delivery: "unknown", method: "http/request" }));
      }
    });
  }

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  close(reason: string): void {
    this.#line.peer.close(reason);
  }

  /**
   * Make a request. Its id must not be in use on this line.
   *
   * @param onEnded - Called once: with `done` when the executor has sent all, with `cancelled` when it may go on sending.
   * @throws RemoteError the executor refused, or could not get an answer. @throws LinkError there is no line any more.
   */
  async request(
    params: Omit<Sendable<HttpRequestParams>, "streamResponse">,
    signal: AbortSignal | undefined,
    onEnded: (how: "done" | "cancelled") => void,
  ): Promise<StreamedAnswer> {
    const { requestId } = params;
    let refused = false;
    // The first piece can come together with the answer.
    const body = new BodyStream({
      onQueued: (bytes) => this.#count(body, bytes),
      onEnded: (how) => {
        this.#bodies.delete(requestId);
        // After a refusal nothing follows.
        onEnded(refused ? "done" : how);
      },
    });
    this.#bodies.set(requestId, body);
    try {
      const head = await this.#line.stub.http.request({ ...params, streamResponse: true }, { signal });
      return { head, body: body.open(signal) };
    } catch (error) {
      refused = isRemoteError(error);
      body.fail(error);
      throw error;
    }
  }

  #count(body: BodyStream, bytes: number): void {
    this.#queuedBytes += bytes;
    if (this.#gate !== undefined) this.#throttle(this.#gate);
    else if (this.#queuedBytes > HTTP_QUEUED_BODY_MAX_BYTES) {
      body.fail(new HttpBodyError("overflow", `queued body deltas exceed ${HTTP_QUEUED_BODY_MAX_BYTES} bytes`));
    }
  }

  #throttle(gate: Gate): void {
    if (!this.#held && this.#queuedBytes >= HIGH_WATER_BYTES) {
      this.#held = true;
      gate.pause();
    } else if (this.#held && this.#queuedBytes <= LOW_WATER_BYTES) {
      this.#held = false;
      gate.resume();
    }
  }
}
