import type { Executor } from "@holdfast/exec-client";
import type { FetchLike } from "./fetch-like.ts";

/**
 * A `fetch` whose requests go out from where a server is placed: from an executor, or from here. Redirects are not followed: who asks
 * decides about each of them.
 *
 * @param executor - Undefined: from here.
 */
export function placedFetch(executor: Pick<Executor, "fetch"> | undefined): FetchLike {
  return async (url, init) => {
    const request = { ...init, redirect: "manual" as const };
    return await (executor === undefined ? fetch(url, request) : executor.fetch(url, request));
  };
}
