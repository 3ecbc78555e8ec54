import { extractWWWAuthenticateParams } from "@modelcontextprotocol/client";
import { McpOAuthError } from "../oauth/oauth-error.ts";
import type { ServerAuth } from "../oauth/server-auth.ts";
import type { FetchLike } from "./fetch-like.ts";

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

/**
 * A `fetch` that says who is asking. A request that is refused with one token is made once more with another: the token that was refused
 * is known here, so that of many requests at a time one asks for it.
 */
export function withAuthorization(fetchFn: FetchLike, auth: ServerAuth): FetchLike {
  return async (url, init) => {
    const token = await auth.token();
    const response = await fetchFn(url, withToken(init, token));
    const other = await otherToken(response, token, auth);
    if (other === undefined) return response;
    await response.body?.cancel();
    return await fetchFn(url, withToken(init, other));
  };
}

/** Undefined: the answer has nothing to do with the token. */
async function otherToken(
  response: Response,
  token: string | undefined,
  auth: ServerAuth,
): Promise<string | undefined> {
  if (response.status === UNAUTHORIZED) return await auth.renew(token, response);
  if (response.status !== FORBIDDEN) return undefined;
  const { error, scope } = extractWWWAuthenticateParams(response);
  return error === "insufficient_scope" ? await auth.widen(token, scope) : undefined;
}

function withToken(init: RequestInit | undefined, token: string | undefined): RequestInit {
  const headers = new Headers(init?.headers);
  if (token === undefined) return { ...init, headers };
  try {
    headers.set("authorization", `Bearer ${token}`);
  } catch {
    // The platform's error would tell it.
    throw new McpOAuthError("token", "the token of the login is none that a header may hold");
  }
  return { ...init, headers };
}
