import type { HttpRequestResult, Received } from "@holdfast/exec-server-protocol";
import { isRemoteError, LinkError } from "@holdfast/rpc";
import { HoldAbove } from "@holdfast/rpc/client";
import { HttpBodyError } from "../errors.ts";
import { HTTP_QUEUED_BODY_MAX_BYTES } from "../limits.ts";
import type { Line } from "../session/line.ts";
import { BodyStream } from "./body-stream.ts";
import type { ExchangeLimit } from "./exchange-limit.ts";
import type { RequestParams } from "./request-params.ts";

/** An answer whose body streams in. */
export interface StreamedAnswer {
  readonly head: Received<HttpRequestResult>;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Queued bytes at which a line of its own is held, and at which it goes on: 2 MiB and 512 KiB. */
const HOLD_MARKS = { highBytes: 2_097_152, lowBytes: 524_288 };

/** The streamed answers of one line. */
export class HttpLine {
  readonly #line: Line;
  readonly #backPressure: HoldAbove | undefined;
  readonly #bodies = new Map<string, BodyStream>();
  #queuedBytes = 0;

  /** @param use - Only a line that serves nothing but bodies may be held: a hold silences every call on it. */
  constructor(line: Line, use: "own" | "shared") {
    this.#line = line;
    this.#backPressure = use === "own" ? new HoldAbove(HOLD_MARKS, () => line.peer.hold()) : undefined;
    line.stub.on("http/request/bodyDelta", (delta) => this.#bodies.get(delta.requestId)?.accept(delta));
    void line.lost.then(({ close, code }) => {
      const message = `the connection to the executor is gone: ${close.reason}`;
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
    params: RequestParams,
    limit: ExchangeLimit,
    onEnded: (how: "done" | "cancelled") => void,
  ): Promise<StreamedAnswer> {
    const { requestId } = params;
    let refused = false;
    // The first piece can come together with the answer.
    const body = new BodyStream({
      onQueued: (bytes) => this.#count(body, bytes),
      told: (error) => limit.told(error),
      onEnded: (how) => {
        this.#bodies.delete(requestId);
        // After a refusal nothing follows.
        onEnded(refused ? "done" : how);
      },
    });
    this.#bodies.set(requestId, body);
    try {
      const head = await this.#line.stub.http.request({ ...params, streamResponse: true }, { signal: limit.signal });
      return { head, body: body.open(limit.signal) };
    } catch (error) {
      refused = isRemoteError(error);
      body.fail(error);
      throw error;
    }
  }

  #count(body: BodyStream, bytes: number): void {
    this.#queuedBytes += bytes;
    if (this.#backPressure !== undefined) this.#backPressure.update(this.#queuedBytes);
    else if (this.#queuedBytes > HTTP_QUEUED_BODY_MAX_BYTES) {
      body.fail(new HttpBodyError("overflow", `queued body deltas exceed ${HTTP_QUEUED_BODY_MAX_BYTES} bytes`));
    }
  }
}
