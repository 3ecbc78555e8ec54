import { LinkError } from "../errors.ts";

/*
 * The entry for browsers, which start no programs.
 */

/** @throws LinkError always. */
export function spawnStdio(): Promise<never> {
  const message = "a browser starts no programs: connect to a ws: or wss: URL";
  return Promise.reject(new LinkError("closed", message, { delivery: "not-sent" }));
}
