import type { CodexErrorInfo } from "@holdfast/app-server-protocol";

/** What may follow on a failure: `stream`: the response is asked for anew. `never`: the turn fails. */
export type ModelRetry = "stream" | "never";

/** A model was not reached, or did not answer to the end. Its message is for people, and has no secrets. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly info: CodexErrorInfo;
  readonly retry: ModelRetry;
  /** Milliseconds to wait before a retry. Undefined: as usual. */
  readonly retryAfterMs: number | undefined;
  /** Of the answer. Undefined: there was none, or it is not the reason. */
  readonly status: number | undefined;

  constructor(
    message: string,
    {
      info,
      retry,
      retryAfterMs,
      status,
      cause,
    }: {
      readonly info: CodexErrorInfo;
      readonly retry: ModelRetry;
      readonly retryAfterMs?: number | undefined;
      readonly status?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.info = info;
    this.retry = retry;
    this.retryAfterMs = retryAfterMs;
    this.status = status;
  }
}

/** A stream ended, or stood still, before it was complete. */
export function disconnected(reason: string, cause?: unknown): ModelError {
  return new ModelError(`stream disconnected before completion: ${reason}`, {
    info: "other",
    retry: "stream",
    cause,
  });
}
