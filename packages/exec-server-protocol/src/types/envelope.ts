/** Number of a request, or its name. An answer repeats it digit for digit. */
export type MessageId = string | WholeMessageId;

/**
 * The whole 64 bits count, also where a parser has no such numbers.
 *
 * @format int64
 */
export type WholeMessageId = number;

/**
 * In a binary message with bytes behind the JSON: the name of the member of `params` or `result` whose value they are, in the place of base64.
 * An extension of this project.
 */
export type BytesMember = string;

/** A W3C trace context. */
export interface MessageTrace {
  traceparent?: string | null;
  tracestate?: string | null;
}

/** Asks for something, and is answered once. */
export interface RequestMessage {
  id: MessageId;
  method: string;
  /** As the method says. Absent or null for a method without params. */
  params?: unknown;
  trace?: MessageTrace | null;
  bytes?: BytesMember;
}

/** A message that is not answered. It has no `id`. */
export interface NoticeMessage {
  method: string;
  /** As the method says. */
  params?: unknown;
  bytes?: BytesMember;
}

/** The answer to a request that was carried out. */
export interface ResultMessage {
  id: MessageId;
  /** As the method says; an empty object when there is nothing to say. */
  result: unknown;
  bytes?: BytesMember;
}

/** The answer to a request that was refused, or to a message that could not be read. */
export interface FailureMessage {
  /** -1 when the message could not be read. */
  id: MessageId;
  error: FailureDetails;
}

/** Why a request was refused. */
export interface FailureDetails {
  /**
   * One of the codes that the table of errors lists.
   *
   * @format int64
   */
  code: number;
  /** What is wrong, in words for people. */
  message: string;
  /** More of it for programs. A failed `process/start` has `ProcessStartErrorData` here; other refusals of Holdfast have `HoldfastFaultData`. */
  data?: unknown;
}

/**
 * What travels: one WebSocket message, or one line. With `method` and `id` it is a request, with `method` alone a notice, with
 * `result` a result, with `error` a failure. Other members are ignored.
 */
export type EnvelopeMessage = RequestMessage | NoticeMessage | ResultMessage | FailureMessage;
