import type { ResolvedTarget } from "@holdfast/exec-client";
import { checkBearerToken } from "./bearer-token.ts";
import type { ResolvedUrl, UrlEnvironment, UrlResolver } from "./environment-definition.ts";
import { secretsOf } from "./secrets.ts";

/** Secrets of earlier connections that are kept in mind: somebody's words about them may come late. */
const SECRETS_MAX = 64;

/**
 * An environment whose URL is found before each connection.
 *
 * @param secrets - What must not be shown. It gets what is secret of each URL and its token.
 */
export function resolvedTarget(
  resolver: UrlResolver,
  { id, bearerToken: own }: UrlEnvironment,
  secrets: string[],
): ResolvedTarget {
  return {
    async resolveUrl(how) {
      const place = await resolver(how);
      const { url, bearerToken = own }: ResolvedUrl =
        typeof place === "string" || place instanceof URL ? { url: place } : place;
      const found = [...secretsOf(url), ...(bearerToken === undefined ? [] : [bearerToken])];
      secrets.unshift(...found.filter((secret) => !secrets.includes(secret)));
      secrets.splice(SECRETS_MAX);
      const parsed = URL.parse(String(url));
      if (parsed !== null && bearerToken !== undefined) checkBearerToken(bearerToken, parsed, id);
      return { url, token: bearerToken };
    },
  };
}
