import type { Clock } from "@holdfast/rpc";
import { pause } from "@holdfast/rpc/client";
import { createParser } from "eventsource-parser";
import { boundedChunks, type ChunkBounds, shortBody } from "./bounded-body.ts";
import { IdleSignal } from "./idle-signal.ts";
import { EVENT_MAX_LENGTH, REFUSAL_MAX_BYTES, RESPONSE_MAX_BYTES } from "./limits.ts";
import { disconnected, ModelError } from "./model-error.ts";
import type { ModelProvider } from "./model-provider.ts";
import { type ModelRequest, requestBody, requestHeaders } from "./model-request.ts";
import { readEvent } from "./read-event.ts";
import { refusalOf } from "./refusal.ts";
import type { ResponseEvent } from "./response-event.ts";
import { retryPauseMs } from "./retry-pause.ts";
import { tooLong } from "./too-long.ts";

/** What requests of a program have in common. */
export interface ModelClientOptions {
  readonly userAgent: string;
  readonly originator: string;
  readonly clock: Clock;
}

/** The beginning of statuses that are tried again at once. */
const SERVER_ERRORS = 500;

/** Asks models for responses. */
export class ModelClient {
  readonly #options: ModelClientOptions;

  constructor(options: ModelClientOptions) {
    this.#options = options;
  }

  /**
   * One response. Requests that are not answered, or by a 5xx, are made again; a stream that has begun is not.
   *
   * @throws ModelError - There is no response, or no whole one. @throws The reason of `signal`.
   */
  async *respond(provider: ModelProvider, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ResponseEvent> {
    const body = JSON.stringify(requestBody(request));
    using lost = new IdleSignal(this.#options.clock, provider.streamIdleMs, signal);
    const response = await this.#answered(provider, request, body, lost);
    try {
      yield* eventsOf(response, lost);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ModelError) throw error;
      throw lost.isIdle ? disconnected("idle timeout waiting for SSE") : disconnected(wordsOf(error), error);
    } finally {
      // Whoever stops reading hangs up.
      lost.end();
    }
  }

  async #answered(provider: ModelProvider, request: ModelRequest, body: string, lost: IdleSignal): Promise<Response> {
    const { clock, userAgent, originator } = this.#options;
    const headers = { ...requestHeaders(request), "user-agent": userAgent, originator, ...provider.headers };
    for (let tries = 1; ; tries += 1) {
      const isLast = tries > provider.requestRetries;
      let failure: ModelError;
      try {
        lost.touch();
        const response = await fetch(provider.url, {
          method: "POST",
          headers,
          body,
          redirect: "manual",
          signal: lost.signal,
        });
        if (response.ok) return response;
        const refused = await refusedBy(response, provider.url);
        if (response.status < SERVER_ERRORS) throw refused;
        failure = refused;
      } catch (error) {
        lost.outer.throwIfAborted();
        if (error instanceof ModelError) throw error;
        failure = disconnected(
          lost.isIdle ? "idle timeout waiting for SSE" : `error sending request: ${wordsOf(error)}`,
          error,
        );
        if (lost.isIdle) throw failure;
      }
      if (isLast) throw failure;
      lost.stop();
      await pause(retryPauseMs(tries), clock, lost.outer);
      lost.outer.throwIfAborted();
    }
  }
}

async function refusedBy(response: Response, url: string): Promise<ModelError> {
  const body = await shortBody(response, REFUSAL_MAX_BYTES);
  const { origin, pathname } = new URL(url);
  const after = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(after) && after >= 0 ? after * 1_000 : undefined;
  return refusalOf({ status: response.status, body, url: `${origin}${pathname}`, retryAfterMs });
}

async function* eventsOf(response: Response, lost: IdleSignal): AsyncGenerator<ResponseEvent> {
  const waiting: string[] = [];
  let isTooLong = false;
  const parser = createParser({
    maxBufferSize: EVENT_MAX_LENGTH,
    onEvent: ({ data }) => waiting.push(data),
    onError: ({ type }) => {
      isTooLong ||= type === "max-buffer-size-exceeded";
    },
  });
  const bounds: ChunkBounds = { maxBytes: RESPONSE_MAX_BYTES, onChunk: () => lost.touch() };
  for await (const text of boundedChunks(response, bounds)) {
    parser.feed(text);
    if (isTooLong) throw tooLong(`an event has more than ${EVENT_MAX_LENGTH} characters`);
    for (const data of waiting.splice(0)) {
      const event = readEvent(data);
      if (event === undefined) continue;
      yield event;
      if (event.type === "completed") return;
    }
  }
  throw disconnected("stream closed before response.completed");
}

/** `fetch` says why in the cause of what it throws. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause, message } = error;
  if (!(cause instanceof Error)) return message;
  return cause.message === "" && "code" in cause ? String(cause.code) : cause.message || message;
}
