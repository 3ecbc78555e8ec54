import { isLinkError } from "@holdfast/rpc";
import { isLostLine } from "./filesystem/lost-line.ts";
import { FRUITLESS_REOPENS_MAX } from "./limits.ts";

/**
 * Run an idempotent step, again after a reconnect when its connection was lost. It survives five lost
 * connections in a row and is given up with the sixth.
 *
 * @param step - `isAgain` is true when an earlier attempt may have taken effect.
 * @throws what the step throws; for lost connections the first `LinkError`, which says what may have happened.
 */
export async function retryAcrossReconnects<Result>(step: (isAgain: boolean) => Promise<Result>): Promise<Result> {
  let lost: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await step(attempt > 0);
    } catch (error) {
      if (!isLinkError(error) && !isLostLine(error)) throw error;
      lost ??= error;
      if (!isLostLine(error) || attempt === FRUITLESS_REOPENS_MAX) throw lost;
    }
  }
}
