import { LinkError } from "@holdfast/rpc";

/*
 * What stands in the place of `dial-relay.ts` in a browser.
 */

/** @throws LinkError always. */
export function dialRelay(): Promise<never> {
  const message = "a browser has no way through a relay: connect to a ws: or wss: URL";
  return Promise.reject(new LinkError("closed", message, { delivery: "not-sent" }));
}
