import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { ClientCertificate, Clock } from "@holdfast/rpc";

/** Of an answer; what is longer is refused. A bundle is some three kilobytes. */
const ANSWER_MAX_BYTES = 65_536;

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: string | undefined;
  readonly clientCertificate: ClientCertificate | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/** What a server answered, whatever its status. A redirect is an answer like others: nobody follows it with a token. */
export interface PostAnswer {
  readonly status: number;
  /** As the server says it, such as `Not Found`. */
  readonly statusText: string;
  readonly body: string;
}

/** No whole answer came in time. */
export class PostTimeout extends Error {
  override readonly name = "PostTimeout";
}

/**
 * Send JSON by a `POST` on a connection of its own, and read the answer.
 *
 * @throws PostTimeout @throws unknown - The reason of `signal`, or why there is no answer: the text has neither the body nor a header in it.
 */
export function postJson(url: string, body: unknown, options: PostOptions): Promise<PostAnswer> {
  const { clock, signal, timeoutMs, clientCertificate, ca } = options;
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  const bytes = Buffer.from(JSON.stringify(body));
  const request = (url.startsWith("https:") ? requestHttps : requestHttp)(
    url,
    {
      method: "POST",
      // A connection is used once: the next is needed when this one would have been closed by the far end.
      agent: false,
      headers: {
        ...options.headers,
        accept: "*/*",
        "content-type": "application/json",
        "content-length": String(bytes.length),
      },
      ...(ca === undefined ? {} : { ca }),
      ...clientCertificate,
    },
    (response) => readAnswer(response).then(resolve, reject),
  );
  const giveUp = (reason: unknown): void => {
    reject(reason);
    request.destroy();
  };
  const timer = clock.after(timeoutMs, () => giveUp(new PostTimeout(`no answer within ${timeoutMs} ms`)));
  const onAbort = (): void => giveUp(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  // Stays on: giving up makes the request complain once more.
  request.on("error", reject);
  request.end(bytes);
  return promise.finally(() => {
    timer.cancel();
    signal?.removeEventListener("abort", onAbort);
    request.destroy();
  });
}

async function readAnswer(response: IncomingMessage): Promise<PostAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > ANSWER_MAX_BYTES) throw new Error(`the answer is longer than ${ANSWER_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const { statusCode = 0, statusMessage = "" } = response;
  return { status: statusCode, statusText: statusMessage, body: Buffer.concat(chunks).toString() };
}
