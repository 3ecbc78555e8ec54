import type { Executor } from "@holdfast/exec-client";
import type { FetchLike } from "./fetch-like.ts";
import { toUnreachableError } from "./unreachable-error.ts";

/**
 * A `fetch` whose requests go out from where a server is placed: from an executor, or from here. Redirects are not followed: who asks
 * decides about each of them.
 *
 * @param executor - Undefined: from here.
 * @throws ServerUnreachableError - There is no connection. What the executor refuses, and the reason of the signal.
 */
export function placedFetch(executor: Pick<Executor, "fetch"> | undefined): FetchLike {
  return async (url, init) => {
    const request = { ...init, redirect: "manual" as const };
    try {
      return await (executor === undefined ? fetch(url, request) : executor.fetch(url, request));
    } catch (error) {
      throw toUnreachableError(error);
    }
  };
}
