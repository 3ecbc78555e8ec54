import {
  ERROR_CODES,
  INCLUDED_THREADS_MAX,
  SEARCH_TERM_MAX_BYTES,
  type ThreadListParams,
  type ThreadSearchParams,
  type ThreadSearchResponse,
  type Thread as WireThread,
} from "@holdfast/app-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import { markedView } from "../../agent/marks/marked-view.ts";
import type { TurnIndex } from "../../agent/rollout/turn-index.ts";
import { PAGE_DEFAULT, PAGE_MAX } from "../../agent/threads/limits.ts";
import { listThreads } from "../../agent/threads/list-threads.ts";
import { pageOf } from "../../agent/threads/page.ts";
import { notLoaded, refused } from "../../agent/threads/refusals.ts";
import { storedView, storedWords } from "../../agent/threads/stored-view.ts";
import { readThreadId } from "../../agent/threads/thread-id.ts";
import { viewItems, viewTurns } from "../../agent/threads/turn-views.ts";
import type { Room } from "../room.ts";
import type { ThreadsContext } from "./threads-context.ts";

/** Find threads, and read what was said and done in them. */
export function historyMethods(context: ThreadsContext): Room["handlers"] {
  const { store } = context;
  return {
    "thread/list": async (params) => {
      checkIncluded(params);
      const { threads, nextCursor, backwardsCursor } = await listThreads(store, params);
      const marks = await store.marks.all();
      const readStates = Object.fromEntries(
        threads.flatMap(({ id }) => {
          const readState = marks.get(id)?.readState;
          return readState === undefined ? [] : [[id, readState]];
        }),
      );
      return { data: [...threads], readStates, nextCursor, backwardsCursor };
    },

    "thread/loaded/list": ({ cursor, limit }) => {
      const ids = store.loaded.map(({ id }) => id);
      const page = pageOf(ids, { cursor, limit, direction: "asc" }, Math.max(ids.length, 1), Math.max(ids.length, 1));
      return { data: [...page.entries], nextCursor: page.nextCursor };
    },

    "thread/read": async ({ threadId: id, includeTurns }) => {
      const threadId = readThreadId(id);
      const thread = await viewOf(context, threadId);
      const { readState = null } = await store.marks.of(threadId);
      if (includeTurns !== true) return { thread, readState };
      const turns = await viewTurns((await indexOf(context, threadId, "thread/read")).turns, "full");
      return { thread: { ...thread, turns }, readState };
    },

    "thread/turns/list": async ({ threadId: id, cursor, limit, sortDirection, itemsView }) => {
      const threadId = readThreadId(id);
      const { turns } = await indexOf(context, threadId, "thread/turns/list");
      const direction = sortDirection ?? "desc";
      const { entries, nextCursor, backwardsCursor } = pageOf(
        turns,
        { cursor, limit, direction },
        PAGE_DEFAULT,
        PAGE_MAX,
      );
      return { data: await viewTurns(entries, itemsView ?? "summary"), nextCursor, backwardsCursor };
    },

    "thread/items/list": async ({ threadId: id, turnId, cursor, limit, sortDirection }) => {
      const threadId = readThreadId(id);
      const index = await itemsIndexOf(context, threadId);
      const all = turnId == null ? index.items : (index.get(turnId)?.items ?? []);
      const direction = sortDirection ?? "asc";
      const query = { cursor: anchorOf(all, cursor), limit, direction } as const;
      const { entries, nextCursor, backwardsCursor } = pageOf(all, query, PAGE_DEFAULT, PAGE_MAX);
      return { data: await viewItems(entries), nextCursor, backwardsCursor };
    },

    "thread/search": (params) => search(context, params),
    "thread/search/stream": (params) => search(context, params),
    "thread/search/cancel": () => ({}),
    "thread/search/stream/cancel": () => ({}),
  };
}

/** A thread that is loaded or lies on the disk. @throws RpcFault - There is none. */
export async function viewOf({ store }: ThreadsContext, threadId: string): Promise<WireThread> {
  const loaded = store.get(threadId);
  if (loaded !== undefined) return markedView(loaded.view(), await store.marks.of(threadId));
  const path = await store.files.findAnywhere(threadId);
  const view = path === undefined ? undefined : await storedView(store, path, await storedWords(store));
  if (view === undefined) throw notLoaded(threadId);
  return view;
}

async function indexOf({ store }: ThreadsContext, threadId: string, method: string): Promise<TurnIndex> {
  const loaded = store.get(threadId);
  if (loaded === undefined) {
    if ((await store.files.findAnywhere(threadId)) === undefined) throw notLoaded(threadId);
    return (await store.readRollout(threadId)).index;
  }
  if (loaded.isEphemeral) throw refused(`ephemeral threads do not support ${method}`);
  if (!loaded.isMaterialized) {
    throw refused(`thread ${threadId} is not materialized yet; ${method} is unavailable before first user message`);
  }
  return loaded.index;
}

async function itemsIndexOf({ store }: ThreadsContext, threadId: string): Promise<TurnIndex> {
  const loaded = store.get(threadId);
  if (loaded?.isMaterialized === true) return loaded.index;
  if (loaded === undefined && (await store.files.find(threadId, false)) !== undefined) {
    return (await store.readRollout(threadId)).index;
  }
  throw new RpcFault(ERROR_CODES.MethodNotFound, "thread/items/list is not supported yet");
}

/** A cursor may be an item. */
function anchorOf(items: TurnIndex["items"], cursor: string | { readonly itemId: string } | null | undefined) {
  if (cursor == null || typeof cursor === "string") return cursor;
  const at = items.findIndex(({ id }) => id === cursor.itemId);
  if (at === -1) throw refused(`item not found: ${cursor.itemId}`);
  return `${at}=`;
}

function checkIncluded({ includedThreadIds }: ThreadListParams): void {
  if (includedThreadIds == null) return;
  if (includedThreadIds.length > INCLUDED_THREADS_MAX) {
    throw new RpcFault(ERROR_CODES.InvalidParams, `includedThreadIds has more than ${INCLUDED_THREADS_MAX} ids`);
  }
  for (const id of includedThreadIds) readThreadId(id, "included thread", ERROR_CODES.InvalidParams);
}

async function search({ store }: ThreadsContext, params: ThreadSearchParams): Promise<ThreadSearchResponse> {
  const { searchTerm } = params;
  if (searchTerm.trim() === "") throw refused("thread/search requires a non-empty searchTerm");
  if (Buffer.byteLength(searchTerm) > SEARCH_TERM_MAX_BYTES) {
    throw new RpcFault(
      ERROR_CODES.InvalidParams,
      `thread/search/stream searchTerm exceeds ${SEARCH_TERM_MAX_BYTES} UTF-8 bytes`,
    );
  }
  const { threads, nextCursor, backwardsCursor } = await listThreads(store, params);
  const data = threads.map((thread) => ({ thread, snippet: snippetOf(thread, searchTerm) }));
  return { data, nextCursor, backwardsCursor };
}

/** Characters before and behind what was found. */
const SNIPPET_MARGIN = 80;

function snippetOf({ name, preview }: WireThread, term: string): string {
  const text = preview.toLowerCase().includes(term.toLowerCase()) ? preview : (name ?? preview);
  const at = Math.max(text.toLowerCase().indexOf(term.toLowerCase()), 0);
  return text.slice(Math.max(at - SNIPPET_MARGIN, 0), at + term.length + SNIPPET_MARGIN);
}
