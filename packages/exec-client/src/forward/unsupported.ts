import { UnsupportedError } from "../errors/unsupported-error.ts";

/*
 * What stands in the place of `forward.ts` and `forward-reverse.ts` in a browser.
 */

function refused(operation: string): Promise<never> {
  return Promise.reject(
    new UnsupportedError(operation, "a machine on this side that listens and connects: this is a browser"),
  );
}

/** @throws UnsupportedError always. */
export function forward(): Promise<never> {
  return refused("forward");
}

/** @throws UnsupportedError always. */
export function forwardReverse(): Promise<never> {
  return refused("forwardReverse");
}
