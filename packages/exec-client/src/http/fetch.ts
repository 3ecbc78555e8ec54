import type { HttpRequestResult, Received } from "@holdfast/exec-server-protocol";
import { type Clock, shownUrl } from "@holdfast/rpc";
import { checkOptions } from "@holdfast/rpc/client";
import { abortedCall } from "../abortable.ts";
import { toFetchError } from "../errors/fetch-error.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { HttpBodyError, InvalidArgumentError } from "../errors.ts";
import { randomUuid } from "../random-uuid.ts";
import { decodedBody } from "./decoded-body.ts";
import { ExchangeLimit } from "./exchange-limit.ts";
import type { StreamedAnswer } from "./http-line.ts";
import type { HttpLines } from "./http-lines.ts";
import { decidesByHost, type NetworkGate, networkGate } from "./network-gate.ts";
import { isRedirect, REDIRECTS_MAX, redirected } from "./redirects.ts";
import { FETCH_OPTIONS, type FetchOptions, type RequestParams, toRequestParams } from "./request-params.ts";

const METHOD = "http/request";

/** Statuses whose response has no body, even if one was sent. */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);
/** How much of the body of a redirect is read, and for how long, before it is given up: 64 KiB, 250 ms. */
const REDIRECT_BODY_MAX_BYTES = 65_536;
const REDIRECT_BODY_MAX_MS = 250;

type Bytes = Uint8Array<ArrayBuffer>;

/** What a request needs of its executor. */
export interface FetchPort {
  readonly lines: HttpLines;
  readonly clock: Clock;
  /** Capability `httpHeaderEnvVars`. */
  readonly canReadEnv: boolean;
  /** Whether it obeys `redirectPolicy`: executors before 0.144 follow every redirect. */
  readonly stopsAtRedirects: boolean;
}

/**
 * Make a request on the network of the executor.
 *
 * @see Executor.fetch for the contract.
 */
export async function fetchOn(
  { lines, clock, canReadEnv, stopsAtRedirects }: FetchPort,
  input: string | URL | Request,
  init: (RequestInit & FetchOptions) | undefined,
): Promise<Response> {
  if (init !== undefined) checkOptions(init, FETCH_OPTIONS, "fetch");
  const request = requestOf(input, init);
  const signal = signalOf(input, init) ?? request.signal;
  if (init?.headersFromEnv !== undefined && !canReadEnv) throw oldExecutor();
  const pass = networkGate(init?.sandbox);
  if (!stopsAtRedirects && decidesByHost(init?.sandbox)) {
    throw new UnsupportedError("fetch with a sandbox that lists hosts", "a way to stop at redirects (0.144 or later)");
  }
  const params = await toRequestParams(request, randomUuid(), init ?? {});
  pass(params.url);
  if (signal.aborted) throw abortedCall(METHOD, "not-sent", signal);
  const limit = new ExchangeLimit(clock, { timeoutMs: init?.timeoutMs, signal });
  try {
    const { answer, url, isRedirected } = await follow({ lines, clock, limit, pass }, params, request.redirect);
    answer.whenEnded(() => limit.end());
    const { head, body } = answer;
    const decode = init?.decode !== false && params.method !== "HEAD";
    return toResponse(head, body, { url, isRedirected }, decode);
  } catch (error) {
    limit.end();
    throw limit.told(error);
  }
}

interface Hops {
  readonly lines: HttpLines;
  readonly clock: Clock;
  readonly limit: ExchangeLimit;
  readonly pass: NetworkGate;
}

interface EndedAnswer extends StreamedAnswer {
  /** Calls back, once, when nothing more is wanted or comes: at once where that has been. */
  whenEnded(onEnded: () => void): void;
}

/** Make a request, and those that redirects lead to. */
async function follow(
  { lines, clock, limit, pass }: Hops,
  first: RequestParams,
  redirect: Request["redirect"],
): Promise<{ readonly answer: EndedAnswer; readonly url: string; readonly isRedirected: boolean }> {
  let params = first;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await exchange(lines, params, limit);
    const { head, body } = answer;
    const location = head.headers.find(({ name }) => name.toLowerCase() === "location")?.value;
    const isLast =
      !isRedirect(head.status) || (redirect !== "error" && (redirect !== "follow" || location === undefined));
    if (isLast) return { answer, url: params.url, isRedirected: redirects > 0 };
    try {
      if (redirect === "error") {
        const forbidden = `the answer is a redirect (${head.status}), which redirect: "error" forbids`;
        throw new HttpBodyError("redirect", forbidden);
      }
      if (redirects === REDIRECTS_MAX) throw new HttpBodyError("redirect", `more than ${REDIRECTS_MAX} redirects`);
      params = { ...redirected(params, head.status, location ?? ""), requestId: randomUuid() };
      pass(params.url);
    } catch (error) {
      await body.cancel();
      throw error;
    }
    await discard(body, clock);
    const timeoutMs = limit.remainingMs;
    if (timeoutMs !== undefined) params = { ...params, timeoutMs };
  }
}

/** Read the body of a redirect, so that its line is free for the next request; one that is long or slow is given up with its line. */
async function discard(body: ReadableStream<Uint8Array>, clock: Clock): Promise<void> {
  const reader = body.getReader();
  const timer = clock.after(REDIRECT_BODY_MAX_MS, () => void reader.cancel().catch(() => {}));
  try {
    for (let bytes = 0; bytes <= REDIRECT_BODY_MAX_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
    }
    await reader.cancel();
  } catch {
    // What a redirect says besides where it leads is of no use. That the line is gone, or the time is up, the next request meets.
  } finally {
    timer.cancel();
  }
}

async function exchange(lines: HttpLines, params: RequestParams, limit: ExchangeLimit): Promise<EndedAnswer> {
  let isEnded = false;
  let onEnded = (): void => {};
  const { line, giveBack } = await lines.lease(limit.signal);
  const ended = (how: Parameters<typeof giveBack>[0]): void => {
    isEnded = true;
    giveBack(how);
    onEnded();
  };
  const answer = await line.request(params, limit, ended).catch((error: unknown) => {
    throw toFetchError(limit.told(error), params.url);
  });
  return {
    ...answer,
    whenEnded: (call) => {
      if (isEnded) call();
      else onEnded = call;
    },
  };
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

interface Told {
  readonly url: string;
  readonly isRedirected: boolean;
}

function toResponse(
  head: Received<HttpRequestResult>,
  body: ReadableStream<Bytes>,
  told: Told,
  decode: boolean,
): Response {
  try {
    return withOrigin(fitResponse(head, body, decode), told);
  } catch (error) {
    void body.cancel();
    throw error;
  }
}

function fitResponse(head: Received<HttpRequestResult>, body: ReadableStream<Bytes>, decode: boolean): Response {
  const { status } = head;
  if (status < 200 || status > 599) {
    throw new HttpBodyError("protocol", `status ${status} is none of an answer (200 to 599)`);
  }
  const headers = fitHeaders(head.headers);
  if (NULL_BODY_STATUSES.has(status)) {
    // Read to its end, so that the line is free for others.
    body.pipeTo(new WritableStream()).catch(() => {});
    return new Response(null, { status, headers });
  }
  // A part of a body can not be decoded by itself.
  const isWhole = status !== 206;
  const decoded = decode && isWhole ? decodedBody(body, headers.get("content-encoding")) : undefined;
  if (decoded === undefined) return new Response(body, { status, headers });
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(decoded, { status, headers });
}

/** The platform lets nobody say where a response comes from. */
function withOrigin(response: Response, { url, isRedirected }: Told): Response {
  const shown = new URL(url);
  shown.hash = "";
  return Object.defineProperties(response, {
    url: { value: shown.href, configurable: true },
    redirected: { value: isRedirected, configurable: true },
    clone: {
      value: () => withOrigin(Response.prototype.clone.call(response), { url, isRedirected }),
      configurable: true,
    },
  });
}
