import { abortSignal, type OptionChecks } from "@holdfast/rpc/client";

/** How long to want a start. */
export interface StartCallOptions {
  /**
   * Give up the start: rejects with `AbortError` or `TimeoutError`, and the process is terminated should it have started. Without effect once it
   * has; `signal` of its options ends it then, too.
   */
  readonly signal?: AbortSignal | undefined;
}

export const START_CALL_OPTIONS: OptionChecks<StartCallOptions> = { signal: abortSignal };
