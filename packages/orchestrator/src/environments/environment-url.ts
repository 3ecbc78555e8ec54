import { shownUrl } from "@holdfast/rpc";
import { invalidEnvironment } from "./environment-error.ts";

/** Those of the reference, and more: a unix socket, a way by ssh, and one through a relay. */
const SCHEMES = ["ws://", "wss://", "unix://", "ssh://", "relay+http://", "relay+https://"];

/**
 * The URL of an environment in a file, without the blanks around it.
 *
 * @throws EnvironmentError `invalid`
 */
export function checkedEnvironmentUrl(text: string, environmentId: string): URL {
  const url = text.trim();
  if (url === "") throw invalidEnvironment("environment url cannot be empty", environmentId);
  const shown = shownUrl(url);
  if (!SCHEMES.some((scheme) => url.startsWith(scheme))) {
    throw invalidEnvironment(`environment url \`${shown}\` must use ws:// or wss://`, environmentId);
  }
  const parsed = URL.parse(url);
  const problem = parsed === null ? "it can not be parsed" : problemOf(url);
  if (parsed === null || problem !== undefined) {
    throw invalidEnvironment(`environment url \`${shown}\` is invalid: ${problem}`, environmentId);
  }
  return parsed;
}

/** The parser would mend these; the reference refuses them. */
function problemOf(url: string): string | undefined {
  const [character] = /[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7b\x7d\x7e]/u.exec(url) ?? [];
  return character === undefined ? undefined : `it has ${JSON.stringify(character)} in it, which has to be escaped`;
}
