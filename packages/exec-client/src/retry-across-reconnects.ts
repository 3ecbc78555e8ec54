import { isLinkError } from "@holdfast/rpc";
import { FRUITLESS_REOPENS_MAX } from "./limits.ts";

/**
 * Do a step that changes nothing when it is done twice, on the next line too when one is lost under it. It survives five lost
 * lines and is given up with the sixth.
 *
 * @param step - Told whether one before it may have been done already.
 * @throws what the step throws; for lost lines the first `LinkError`, which says what may have happened.
 */
export async function acrossLines<Result>(step: (isAgain: boolean) => Promise<Result>): Promise<Result> {
  let lost: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await step(attempt > 0);
    } catch (error) {
      if (!isLinkError(error)) throw error;
      lost ??= error;
      if (error.code !== "closed" || attempt === FRUITLESS_REOPENS_MAX) throw lost;
    }
  }
}
