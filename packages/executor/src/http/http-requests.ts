import {
  Base64Bytes,
  type HttpRequestParams,
  type HttpRequestResult,
  type Received,
  type Sendable,
} from "@holdfast/exec-server-protocol";
import type { Clock } from "@holdfast/rpc";
import { bodyProblem, pieces, readWhole } from "./body.ts";
import type { HttpAnswer, HttpClient } from "./http-client.ts";
import { HttpFault, invalidHttpRequest } from "./http-fault.ts";
import { readRequest } from "./request-spec.ts";

/** Where the pieces of bodies go. */
export interface BodySink {
  notify(method: string, params: unknown): void;
  /** False when the next piece should wait for `whenWritable`. */
  readonly writable: boolean;
  whenWritable(): Promise<void>;
}

export interface HttpRequestsOptions {
  readonly client: HttpClient;
  /** Where `valueEnvVar` looks. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Pick<Clock, "after">;
  readonly line: () => BodySink;
  /** Requests of the connection under way at once, streamed bodies included. */
  readonly maxRequests: number;
  /** Body of an answer that is not streamed. */
  readonly maxBufferedBytes: number;
}

/** The HTTP requests of one connection. They end with it. */
export class HttpRequests {
  readonly #options: HttpRequestsOptions;
  readonly #running = new Set<AbortController>();
  readonly #streams = new Set<string>();

  constructor(options: HttpRequestsOptions) {
    this.#options = options;
  }

  /**
   * Make a request. A streamed body follows the answer, piece by piece, as the line takes them.
   *
   * @throws HttpFault
   */
  async run(params: Received<HttpRequestParams>): Promise<Sendable<HttpRequestResult>> {
    const { client, env, maxRequests, maxBufferedBytes } = this.#options;
    const spec = readRequest(params, env);
    const { requestId } = params;
    const streamed = params.streamResponse ?? false;
    if (streamed && this.#streams.has(requestId)) {
      throw invalidHttpRequest(`streamResponse requestId \`${requestId}\` is already active`);
    }
    if (this.#running.size >= maxRequests) {
      throw new HttpFault("failed", `http/request failed: at most ${maxRequests} requests may run per connection`);
    }
    const exchange = this.#begin(streamed ? requestId : undefined, spec.timeoutMs);
    try {
      const answer = await client.send(spec, exchange.signal);
      const head = { status: answer.status, headers: answer.headers.map(([name, value]) => ({ name, value })) };
      if (streamed) {
        // In a later turn: the answer leaves in this one, and no piece may overtake it.
        setImmediate(() => void this.#stream(requestId, answer).finally(exchange.end));
        return { ...head, bodyBase64: "" };
      }
      const body = await readWhole(answer.body, maxBufferedBytes);
      exchange.end();
      return { ...head, bodyBase64: new Base64Bytes(body) };
    } catch (thrown) {
      exchange.end();
      throw thrown;
    }
  }

  /** The connection is gone: every request is given up. */
  endAll(): void {
    for (const controller of this.#running) controller.abort(new Error("the connection ended"));
  }

  #begin(streamId: string | undefined, timeoutMs: number | undefined) {
    const controller = new AbortController();
    const timer =
      timeoutMs === undefined
        ? undefined
        : this.#options.clock.after(timeoutMs, () => controller.abort(outOfTime(timeoutMs)));
    this.#running.add(controller);
    if (streamId !== undefined) this.#streams.add(streamId);
    const end = (): void => {
      timer?.cancel();
      this.#running.delete(controller);
      if (streamId !== undefined) this.#streams.delete(streamId);
    };
    return { signal: controller.signal, end };
  }

  async #stream(requestId: string, { body }: HttpAnswer): Promise<void> {
    const line = this.#options.line();
    let seq = 0;
    const send = (delta: Base64Bytes | "", done: boolean, error: string | null): void => {
      seq += 1;
      line.notify("http/request/bodyDelta", { requestId, seq, deltaBase64: delta, done, error });
    };
    try {
      for await (const piece of pieces(body)) {
        send(new Base64Bytes(piece), false, null);
        // The body waits with the line: its sender is held back by its own socket.
        if (!line.writable) await line.whenWritable();
      }
      send("", true, null);
    } catch (thrown) {
      send("", true, bodyProblem(thrown));
    }
  }
}

function outOfTime(timeoutMs: number): Error {
  return Object.assign(new Error(`no end within ${timeoutMs} ms`), { code: "ETIMEDOUT" });
}
