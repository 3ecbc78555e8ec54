import { ERROR_CODES } from "@holdfast/app-server-protocol";
import type { CallOptions } from "@holdfast/protocol-kit";
import { type Clock, isRemoteError } from "@holdfast/rpc";
import { backoffMs, pause } from "@holdfast/rpc/client";
import { OVERLOAD_BACKOFF } from "../limits.ts";

export interface RetryOptions {
  readonly clock: Clock;
  /** When to give up, on the clock. */
  readonly dueMs: number;
  /** Whether the method may be sent again: one that changes something could come after what was sent later. */
  readonly mayRepeat: boolean;
}

/**
 * Make a call, and make it again while the server says that it is overloaded, at growing distances.
 *
 * @throws RemoteError - -32001 when there is no time left, or the call may not be repeated. @throws unknown - As the call itself.
 */
export async function retryOverloaded(
  call: (options: CallOptions) => Promise<unknown>,
  options: CallOptions | undefined,
  { clock, dueMs, mayRepeat }: RetryOptions,
): Promise<unknown> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await call({ ...options, timeoutMs: dueMs - clock.now() });
    } catch (error) {
      if (!mayRepeat || !isRemoteError(error) || error.code !== ERROR_CODES.Overloaded) throw error;
      const pauseMs = backoffMs(failures, OVERLOAD_BACKOFF);
      // An attempt needs some time, too.
      if (clock.now() + pauseMs + OVERLOAD_BACKOFF.firstMs >= dueMs) throw error;
      await pause(pauseMs, clock, options?.signal);
    }
  }
}
