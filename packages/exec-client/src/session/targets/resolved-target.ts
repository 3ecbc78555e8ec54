import { type FramePort, isLinkError, shownText } from "@holdfast/rpc";
import { dialWithin } from "@holdfast/rpc/client";
import type { TargetDialOptions } from "./dial-options.ts";
import { dialUrl } from "./url-target.ts";

/** Where an executor is for one connection, and what it is shown for it. */
export interface ResolvedUrl {
  /** `ws:`, `wss:`, `unix:`, `ssh:` or `relay+https:`. */
  readonly url: string | URL;
  /** In place of `token` of the options. */
  readonly token?: string | undefined;
}

/**
 * An executor whose URL is found anew before each connection, also those after a lost one: one that is signed for a short time, or of a machine that
 * moves.
 */
export interface ResolvedTarget {
  /** Finds it within `connectTimeoutMs`, the connection included. Any rejection counts as "not reachable now"; URLs in its text are shown without their queries. */
  resolveUrl(options: { readonly signal: AbortSignal }): Promise<string | URL | ResolvedUrl>;
}

/** @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`. */
export async function dialResolved(target: ResolvedTarget, options: TargetDialOptions): Promise<FramePort> {
  try {
    return await dialWithin({ dial: ({ signal }) => dialFound(target, { ...options, signal }) }, options);
  } catch (error) {
    // What the dialling of the URL says stands for itself.
    if (isLinkError(error) && isLinkError(error.cause)) throw error.cause;
    throw error;
  }
}

async function dialFound(target: ResolvedTarget, options: TargetDialOptions & { readonly signal: AbortSignal }) {
  const { url, token } = await found(target, options.signal);
  options.signal.throwIfAborted();
  return await dialUrl(url, { ...options, token: token ?? options.token });
}

async function found(target: ResolvedTarget, signal: AbortSignal): Promise<ResolvedUrl> {
  try {
    const place = await target.resolveUrl({ signal });
    return typeof place === "string" || place instanceof URL ? { url: place } : place;
  } catch (error) {
    // Without the cause: it may hold what it was about to give.
    throw new Error(`its URL was not found: ${shownText(error instanceof Error ? error.message : String(error))}`);
  }
}
