import type { FetchLike } from "./fetch-like.ts";
import type { HelperHeaders } from "./headers-helper.ts";

/** A `fetch` with the headers that a command prints. A request that is refused with them is made once more with those that it prints then. */
export function withHelperHeaders(fetchFn: FetchLike, helper: HelperHeaders): FetchLike {
  return async (url, init) => {
    const asked = helper.current();
    const response = await fetchFn(url, withHeaders(init, await asked));
    if (response.status !== 401) return response;
    helper.forget(asked);
    await response.body?.cancel();
    return await fetchFn(url, withHeaders(init, await helper.current()));
  };
}

function withHeaders(init: RequestInit | undefined, more: Headers): RequestInit {
  const headers = new Headers(init?.headers);
  for (const [name, value] of more) headers.set(name, value);
  return { ...init, headers };
}
