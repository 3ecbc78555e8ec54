import { randomUUID } from "node:crypto";
import type { HttpRequestResult, Received } from "@holdfast/exec-server-protocol";
import { LinkError } from "@holdfast/rpc";
import { HttpBodyError } from "../errors.ts";
import type { HttpLines } from "./http-lines.ts";
import { type FetchOptions, toRequestParams } from "./request-params.ts";

/** Answers that have no body, whatever was sent. */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Make a request on the network of the executor.
 *
 * @see Executor.fetch for the contract.
 */
export const fetchOn = async (
  lines: HttpLines,
  input: string | URL | Request,
  init: (RequestInit & FetchOptions) | undefined,
): Promise<Response> => {
  const request = new Request(input, init);
  const { signal } = request;
  const params = await toRequestParams(request, randomUUID(), init ?? {});
  if (signal.aborted) throw abortedFetch(signal, "not-sent");
  const { line, giveBack } = await lines.lease(signal);
  const { head, body } = await line.request(params, signal, giveBack);
  if (request.redirect === "error" && REDIRECT_STATUSES.has(head.status)) {
    await body.cancel();
    throw new HttpBodyError("redirect", `the answer is a redirect (${head.status}), which redirect: "error" forbids`);
  }
  return toResponse(head, stoppable(body, signal));
};

const abortedFetch = (signal: AbortSignal, delivery: "not-sent" | "unknown"): LinkError =>
  new LinkError("aborted", "http/request was given up", { delivery, method: "http/request", cause: signal.reason });

/** The same body, which fails with the signal's reason as soon as it aborts, as `fetch` has it. */
const stoppable = (
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const reader = body.getReader();
  const listening = new AbortController();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const onAbort = (): void => {
          controller.error(signal.reason);
          void reader.cancel(signal.reason);
        };
        if (signal.aborted) onAbort();
        else signal.addEventListener("abort", onAbort, { once: true, signal: listening.signal });
        reader.closed.catch((error: unknown) => {
          listening.abort();
          // At once, and not when somebody reads: a broken line is no secret.
          if (!signal.aborted) controller.error(error);
        });
      },
      async pull(controller) {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (!done) return controller.enqueue(value);
        listening.abort();
        controller.close();
      },
      async cancel(reason) {
        listening.abort();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
};

const toResponse = (head: Received<HttpRequestResult>, body: ReadableStream<Uint8Array<ArrayBuffer>>): Response => {
  const headers = new Headers(head.headers.map(({ name, value }): [string, string] => [name, value]));
  const { status } = head;
  if (status < 200 || status > 599) {
    void body.cancel();
    throw new HttpBodyError("protocol", `status ${status} is none of an answer (200 to 599)`);
  }
  if (!NULL_BODY_STATUSES.has(status)) return new Response(body, { status, headers });
  // Read to its end, so that the line is free for others.
  body.pipeTo(new WritableStream()).catch(() => {});
  return new Response(null, { status, headers });
};
