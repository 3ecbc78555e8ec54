import type { HttpRequestResult, Received } from "@holdfast/exec-server-protocol";
import { type Clock, shownUrl } from "@holdfast/rpc";
import { abortedCall } from "../abortable.ts";
import { checkOptions } from "../arguments/check-options.ts";
import { HttpBodyError, InvalidArgumentError } from "../errors.ts";
import { randomUuid } from "../random-uuid.ts";
import { ExchangeLimit } from "./exchange-limit.ts";
import type { StreamedAnswer } from "./http-line.ts";
import type { HttpLines } from "./http-lines.ts";
import { FETCH_OPTIONS, type FetchOptions, type RequestParams, toRequestParams } from "./request-params.ts";

const METHOD = "http/request";

/** Statuses whose response has no body, even if one was sent. */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What a request needs of its executor. */
export interface FetchPort {
  readonly lines: HttpLines;
  readonly clock: Clock;
  /** Capability `httpHeaderEnvVars`. */
  readonly canReadEnv: boolean;
}

/**
 * Make a request on the network of the executor.
 *
 * @see Executor.fetch for the contract.
 */
export async function fetchOn(
  { lines, clock, canReadEnv }: FetchPort,
  input: string | URL | Request,
  init: (RequestInit & FetchOptions) | undefined,
): Promise<Response> {
  if (init !== undefined) checkOptions(init, FETCH_OPTIONS, "fetch");
  const request = requestOf(input, init);
  const signal = signalOf(input, init) ?? request.signal;
  if (init?.headersFromEnv !== undefined && !canReadEnv) throw oldExecutor();
  const params = await toRequestParams(request, randomUuid(), init ?? {});
  if (signal.aborted) throw abortedCall(METHOD, "not-sent", signal);
  const limit = new ExchangeLimit(clock, { timeoutMs: init?.timeoutMs, signal });
  const { head, body } = await exchange(lines, params, limit).catch((error: unknown) => {
    throw limit.told(error);
  });
  if (request.redirect === "error" && REDIRECT_STATUSES.has(head.status)) {
    await body.cancel();
    throw new HttpBodyError("redirect", `the answer is a redirect (${head.status}), which redirect: "error" forbids`);
  }
  return toResponse(head, body);
}

async function exchange(lines: HttpLines, params: RequestParams, limit: ExchangeLimit): Promise<StreamedAnswer> {
  try {
    const { line, giveBack } = await lines.lease(limit.signal);
    return await line.request(params, limit, (how) => {
      limit.end();
      giveBack(how);
    });
  } catch (error) {
    limit.end();
    throw error;
  }
}

/** Nothing of what is secret in an address is told by an error about it. */
function requestOf(input: string | URL | Request, init: RequestInit | undefined): Request {
  try {
    return new Request(input, init);
  } catch (error) {
    const url = input instanceof Request ? input.url : String(input);
    if (!(error instanceof TypeError) || !error.message.includes(url)) throw error;
    throw new TypeError(error.message.replaceAll(url, shownUrl(url)));
  }
}

/** The caller's own signal: that of a copied request works only as long as the copy lives. */
function signalOf(input: string | URL | Request, init: RequestInit | undefined): AbortSignal | undefined {
  if (init?.signal !== undefined) return init.signal ?? undefined;
  return input instanceof Request ? input.signal : undefined;
}

function oldExecutor(): InvalidArgumentError {
  return new InvalidArgumentError(
    "headersFromEnv",
    "headersFromEnv needs an executor that says httpHeaderEnvVars (0.150 or later): this one would send the header without",
  );
}

function fitHeaders(lines: HttpRequestResult["headers"]): Headers {
  const headers = new Headers();
  for (const { name, value } of lines) {
    try {
      headers.append(name, value);
    } catch {
      throw new HttpBodyError(
        "protocol",
        `header ${JSON.stringify(name)} of the answer has a name or value that is none`,
      );
    }
  }
  return headers;
}

function toResponse(head: Received<HttpRequestResult>, body: ReadableStream<Uint8Array<ArrayBuffer>>): Response {
  try {
    return fitResponse(head, body);
  } catch (error) {
    void body.cancel();
    throw error;
  }
}

function fitResponse(head: Received<HttpRequestResult>, body: ReadableStream<Uint8Array<ArrayBuffer>>): Response {
  const { status } = head;
  if (status < 200 || status > 599) {
    throw new HttpBodyError("protocol", `status ${status} is none of an answer (200 to 599)`);
  }
  const headers = fitHeaders(head.headers);
  if (!NULL_BODY_STATUSES.has(status)) return new Response(body, { status, headers });
  // Read to its end, so that the line is free for others.
  body.pipeTo(new WritableStream()).catch(() => {});
  return new Response(null, { status, headers });
}
