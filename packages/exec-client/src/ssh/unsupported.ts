import { LinkError } from "@holdfast/rpc";

/*
 * What stands in the place of `dial-ssh.ts` in a browser.
 */

/** @throws LinkError always. */
export function dialSsh(): Promise<never> {
  const message = "a browser starts no ssh: connect to a ws: or wss: URL";
  return Promise.reject(new LinkError("closed", message, { delivery: "not-sent" }));
}
