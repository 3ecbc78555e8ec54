import { resolve } from "node:path";
import type { FuzzyFileSearchResult } from "@holdfast/app-server-protocol";
import { internalError, invalidParams, invalidRequest } from "../faults.ts";
import type { HostClient } from "../host-client.ts";
import type { HostServices } from "../host-services.ts";
import { localExecutor } from "../local-executor.ts";
import type { Room } from "../room.ts";
import { Slots } from "../slots.ts";
import { FileListing } from "./file-listing.ts";
import { LISTING_MAX_MS, QUERY_MAX_CHARACTERS, ROOTS_MAX, SEARCHES_AT_ONCE, SESSIONS_MAX } from "./limits.ts";
import { rankFiles } from "./rank-files.ts";
import { SearchSession } from "./search-session.ts";

/** What one client looks for. */
class ClientSearches {
  readonly sessions = new Map<string, SearchSession>();
  /** Single searches that another one of the same token puts an end to. */
  readonly byToken = new Map<string, AbortController>();
}

/** `fuzzyFileSearch`: files of this machine by parts of their paths, once or as a client's user types. */
export function searchRoom(services: HostServices): Room {
  const { clock } = services;
  const byClient = new Map<HostClient, ClientSearches>();
  const slots = new Slots(SEARCHES_AT_ONCE);

  return {
    handlers: {
      fuzzyFileSearch: async ({ query, roots, cancellationToken }, { client, signal }) => {
        checkQuery(query);
        checkRoots(roots);
        const token = cancellationToken ?? undefined;
        const stop = new AbortController();
        const { byToken } = ofClient(client);
        if (token !== undefined) {
          byToken.get(token)?.abort();
          byToken.set(token, stop);
        }
        try {
          return { files: await searchOnce(query, roots, AbortSignal.any([stop.signal, signal])) };
        } finally {
          if (token !== undefined && byToken.get(token) === stop) byToken.delete(token);
        }
      },
      "fuzzyFileSearch/sessionStart": async ({ sessionId, roots }, call) => {
        if (sessionId === "") throw invalidRequest("sessionId must not be empty");
        if (roots.length === 0) {
          throw internalError("failed to start fuzzy file search session: at least one search directory is required");
        }
        checkRoots(roots);
        const { client } = call;
        const { sessions } = ofClient(client);
        if (!sessions.has(sessionId) && sessions.size >= SESSIONS_MAX) {
          throw invalidRequest(`a client can have ${SESSIONS_MAX} fuzzy file search sessions; stop one of them first`);
        }
        const stop = new AbortController();
        const listing = await listingOf(roots, stop.signal);
        sessions.get(sessionId)?.close();
        const session = new SearchSession({
          listing,
          clock,
          stop,
          reports: {
            updated: (query, files) => client.notify("fuzzyFileSearch/sessionUpdated", { sessionId, query, files }),
            completed: () => client.notify("fuzzyFileSearch/sessionCompleted", { sessionId }),
          },
        });
        sessions.set(sessionId, session);
        // It may have left meanwhile.
        if (client.gone.aborted) session.close();
        call.afterAnswer(() => session.ask(""));
        return {};
      },
      "fuzzyFileSearch/sessionUpdate": ({ sessionId, query }, call) => {
        const session = byClient.get(call.client)?.sessions.get(sessionId);
        if (session === undefined) throw invalidRequest(`fuzzy file search session not found: ${sessionId}`);
        checkQuery(query);
        call.afterAnswer(() => session.ask(query));
        return {};
      },
      "fuzzyFileSearch/sessionStop": ({ sessionId }, { client }) => {
        const sessions = byClient.get(client)?.sessions;
        sessions?.get(sessionId)?.close();
        sessions?.delete(sessionId);
        return {};
      },
    },
    left: (client) => {
      for (const session of byClient.get(client)?.sessions.values() ?? []) session.close();
      byClient.delete(client);
    },
  };

  function ofClient(client: HostClient): ClientSearches {
    const known = byClient.get(client) ?? new ClientSearches();
    byClient.set(client, known);
    return known;
  }

  function rootsOf(roots: readonly string[]) {
    return roots.map((name) => ({ name, path: resolve(services.cwd, name) }));
  }

  /** Begin to list the files below some folders, for no longer than {@link LISTING_MAX_MS}. */
  async function listingOf(roots: readonly string[], signal: AbortSignal): Promise<FileListing> {
    const executor = await localExecutor(services);
    const late = new AbortController();
    const timer = clock.after(LISTING_MAX_MS, () => late.abort());
    const listing = new FileListing(executor, rootsOf(roots), AbortSignal.any([signal, late.signal]));
    void listing.done.then(() => timer.cancel());
    return listing;
  }

  async function searchOnce(
    query: string,
    roots: readonly string[],
    signal: AbortSignal,
  ): Promise<FuzzyFileSearchResult[]> {
    if (query === "" || roots.length === 0) return [];
    try {
      using _slot = await slots.take(signal);
      const listing = await listingOf(roots, signal);
      await listing.done;
      return await rankFiles(query, listing.entries, { clock, signal });
    } catch (error) {
      // Another has taken its place, and what it would have found is not wanted any more.
      if (signal.aborted) return [];
      throw error;
    }
  }
}

function checkQuery(query: string): void {
  if (query.length <= QUERY_MAX_CHARACTERS) return;
  throw invalidParams(
    `fuzzyFileSearch query must have at most ${QUERY_MAX_CHARACTERS} characters, got ${query.length}`,
  );
}

function checkRoots(roots: readonly string[]): void {
  if (roots.length <= ROOTS_MAX) return;
  throw invalidParams(`fuzzyFileSearch takes at most ${ROOTS_MAX} roots, got ${roots.length}`);
}
