import type { Clock } from "@holdfast/rpc";
import type { EnvironmentHandle } from "../../environments/environment-handle.ts";
import { FIRST_ENVIRONMENT_MAX_MS } from "./limits.ts";

/**
 * Wait until an environment is connected.
 *
 * @throws Error - It can not be had, or not in time; the message says why. @throws The reason of `signal`.
 */
export async function readyEnvironment(
  handle: Pick<EnvironmentHandle, "id" | "executor">,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const late = new AbortController();
  const timer = clock.after(FIRST_ENVIRONMENT_MAX_MS, () => {
    late.abort(new Error(`not connected within ${FIRST_ENVIRONMENT_MAX_MS} ms`));
  });
  try {
    await handle.executor(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `environment \`${handle.id}\` is not there, and nothing is done elsewhere in its place: ${reason}`,
      {
        cause: error,
      },
    );
  } finally {
    timer.cancel();
  }
}
