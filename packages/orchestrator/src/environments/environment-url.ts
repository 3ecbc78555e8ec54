import { shownUrl } from "@holdfast/rpc";
import { invalidEnvironment } from "./environment-error.ts";

/** Those of the reference, and two more: a unix socket and a way by ssh. */
const SCHEMES = ["ws://", "wss://", "unix://", "ssh://"];

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
  // The parser would mend blanks; the reference refuses them.
  const problem = parsed === null ? "it can not be parsed" : /\s/u.test(url) ? "it has blanks in it" : undefined;
  if (parsed === null || problem !== undefined) {
    throw invalidEnvironment(`environment url \`${shown}\` is invalid: ${problem}`, environmentId);
  }
  return parsed;
}
