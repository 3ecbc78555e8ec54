/** Statuses that have no body. */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** Ends of an event: two ends of lines after each other, of which there are three kinds. */
const EVENT_ENDS = ["\n\n", "\r\n\r\n", "\r\r"] as const;
/** Bytes of the longest of them, but for one. */
const EVENT_END_LENGTH_MAX = 4;

/** A body, or one event in it, is longer than is read. */
export class BodyTooLongError extends Error {
  override readonly name = "BodyTooLongError";
}

export interface BodyLimit {
  readonly maxBytes: number;
  /** Of what it is, for the error: `OAuth HTTP response body`. */
  readonly what: string;
}

/**
 * A response whose body fails when it is longer than it may be. Of a stream of events, which may go on for ever, each event is counted
 * by itself.
 */
export function boundedResponse(response: Response, limit: BodyLimit): Response {
  if (response.body === null || NULL_BODY_STATUSES.has(response.status)) return response;
  const isEvents = /^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "");
  const body = response.body.pipeThrough(isEvents ? eventCounter(limit) : byteCounter(limit));
  const { status, statusText, headers } = response;
  const bounded = new Response(body, { status, statusText, headers });
  return Object.defineProperty(bounded, "url", { value: response.url, configurable: true });
}

type Bytes = Uint8Array<ArrayBuffer>;

function byteCounter({ maxBytes, what }: BodyLimit): TransformStream<Bytes, Bytes> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new BodyTooLongError(`${what} exceeds ${maxBytes} bytes`);
      controller.enqueue(chunk);
    },
  });
}

function eventCounter({ maxBytes, what }: BodyLimit): TransformStream<Bytes, Bytes> {
  let bytes = 0;
  let tail: Uint8Array = new Uint8Array();
  return new TransformStream({
    transform(chunk, controller) {
      // An end of an event may be cut by the end of a piece.
      const seen = Buffer.concat([tail, chunk]);
      const end = Math.max(...EVENT_ENDS.map((each) => endOfLast(seen, each)));
      bytes = end > 0 ? seen.byteLength - end : bytes + chunk.byteLength;
      if (bytes > maxBytes) throw new BodyTooLongError(`an event of ${what} exceeds ${maxBytes} bytes`);
      tail = seen.subarray(-Math.min(bytes, EVENT_END_LENGTH_MAX - 1) || seen.byteLength);
      controller.enqueue(chunk);
    },
  });
}

/** Behind the last of them; 0 if there is none. */
function endOfLast(seen: Buffer, end: string): number {
  const at = seen.lastIndexOf(end);
  return at === -1 ? 0 : at + end.length;
}
