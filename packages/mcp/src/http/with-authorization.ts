import type { ServerAuth } from "../oauth/server-auth.ts";
import type { FetchLike } from "./fetch-like.ts";

const UNAUTHORIZED = 401;

/**
 * A `fetch` that says who is asking. A request that is refused with one token is made once more with another: the token that was refused
 * is known here, so that of many requests at a time one asks for it.
 */
export function withAuthorization(fetchFn: FetchLike, auth: ServerAuth): FetchLike {
  return async (url, init) => {
    const token = await auth.token();
    const response = await fetchFn(url, withToken(init, token));
    if (response.status !== UNAUTHORIZED) return response;
    await response.body?.cancel();
    return await fetchFn(url, withToken(init, await auth.renew(token)));
  };
}

function withToken(init: RequestInit | undefined, token: string | undefined): RequestInit {
  const headers = new Headers(init?.headers);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  return { ...init, headers };
}
