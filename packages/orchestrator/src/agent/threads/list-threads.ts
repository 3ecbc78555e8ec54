import type { ThreadListParams, Thread as WireThread } from "@holdfast/app-server-protocol";
import type { RolloutFile } from "../rollout/rollout-files.ts";
import { PAGE_DEFAULT, PAGE_MAX } from "./limits.ts";
import { refused } from "./refusals.ts";
import { isOfKind } from "./source-kinds.ts";
import { storedView, storedWords } from "./stored-view.ts";
import { timeOfThreadId } from "./thread-id.ts";
import type { ThreadStore } from "./thread-store.ts";

/** A part of the list of threads. */
export interface ThreadPage {
  readonly threads: readonly WireThread[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

interface Candidate {
  readonly file: RolloutFile;
  /** By which it is sorted, in Unix milliseconds. */
  readonly time: number;
}

/**
 * Threads that somebody has said something to, by the filters that are asked for. Only the starts of files are read, and of those only as many as the page takes.
 *
 * @throws RpcFault - The cursor is none.
 */
export async function listThreads(store: ThreadStore, query: ThreadListParams): Promise<ThreadPage> {
  const isAscending = query.sortDirection === "asc";
  const limit = Math.min(Math.max(query.limit ?? PAGE_DEFAULT, 1), PAGE_MAX);
  const start = query.cursor == null ? undefined : readCursor(query.cursor);
  // There are neither sections nor projects here, and nothing is attached to anything: nothing is found in one.
  if (query.sectionId != null || query.projectId != null || query.attachedToThreadId != null) return EMPTY;
  const candidates = await candidatesOf(store, query, isAscending);
  const words = await storedWords(store);
  const found: { readonly candidate: Candidate; readonly thread: WireThread }[] = [];
  for (const candidate of candidates) {
    if (start !== undefined && !isBehind(candidate, start, isAscending)) continue;
    const thread = await storedView(store, candidate.file.path, words);
    if (thread === undefined || thread.preview === "" || !(await isWanted(store, thread, query))) continue;
    found.push({ candidate, thread });
    if (found.length > limit) break;
  }
  const page = found.slice(0, limit);
  const [first] = page;
  const last = page.at(-1);
  return {
    threads: page.map(({ thread }) => thread),
    nextCursor:
      found.length > limit && last !== undefined
        ? `${new Date(last.candidate.time).toISOString()}|${last.candidate.file.threadId}`
        : null,
    backwardsCursor: first === undefined ? null : new Date(first.candidate.time + (isAscending ? 1 : -1)).toISOString(),
  };
}

const EMPTY: ThreadPage = { threads: [], nextCursor: null, backwardsCursor: null };

async function candidatesOf(store: ThreadStore, query: ThreadListParams, isAscending: boolean): Promise<Candidate[]> {
  const files = await store.files.list(query.archived === true);
  const byCreation = query.sortKey == null || query.sortKey === "created_at";
  const candidates = await Promise.all(
    files.map(async (file) => {
      const created = byCreation ? timeOfThreadId(file.threadId) : undefined;
      return { file, time: Math.floor(created ?? (await store.files.writtenAt(file.path))) };
    }),
  );
  const order = isAscending ? 1 : -1;
  return candidates.sort((one, other) => order * compare(one.time, one.file.threadId, other.time, other.file.threadId));
}

interface Cursor {
  readonly time: number;
  readonly threadId: string | undefined;
}

const CURSOR = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z)(?:\|([0-9a-f-]{36}))?$/;

function readCursor(text: string): Cursor {
  const match = CURSOR.exec(text);
  const time = match === null ? Number.NaN : Date.parse(match[1] ?? "");
  if (Number.isNaN(time)) throw refused(`invalid cursor: ${text}`);
  return { time, threadId: match?.[2] };
}

function isBehind({ time, file }: Candidate, cursor: Cursor, isAscending: boolean): boolean {
  const order = isAscending ? 1 : -1;
  if (time !== cursor.time || cursor.threadId === undefined) return order * (time - cursor.time) > 0;
  return order * compare(time, file.threadId, cursor.time, cursor.threadId) > 0;
}

function compare(time: number, id: string, otherTime: number, otherId: string): number {
  if (time !== otherTime) return time - otherTime;
  if (id === otherId) return 0;
  return id < otherId ? -1 : 1;
}

async function isWanted(store: ThreadStore, thread: WireThread, query: ThreadListParams): Promise<boolean> {
  const { cwd, modelProviders, originators, searchTerm, includedThreadIds, excludedThreadIds } = query;
  if (!isOfKind(thread.source, query.sourceKinds)) return false;
  if (cwd != null && !(typeof cwd === "string" ? [cwd] : cwd).includes(thread.cwd)) return false;
  if (modelProviders != null && modelProviders.length > 0 && !modelProviders.includes(thread.modelProvider))
    return false;
  if (originators != null && originators.length > 0 && !originators.includes(thread.originator ?? "")) return false;
  if (includedThreadIds != null && !includedThreadIds.includes(thread.id)) return false;
  if (excludedThreadIds?.includes(thread.id) === true) return false;
  if (query.parentThreadId != null && thread.parentThreadId !== query.parentThreadId) return false;
  if (query.ancestorThreadId != null && !(await descends(store, thread, query.ancestorThreadId))) return false;
  return searchTerm == null || searchTerm === "" || matches(thread, searchTerm);
}

/** Whether what a thread is called, or begins with, has a text in it. */
export function matches({ name, preview }: WireThread, term: string): boolean {
  return `${name ?? ""}\n${preview}`.toLowerCase().includes(term.toLowerCase());
}

/** Parents of parents that are followed. */
const ANCESTORS_MAX = 64;

async function descends(store: ThreadStore, thread: WireThread, ancestor: string): Promise<boolean> {
  let parent = thread.parentThreadId;
  for (let depth = 0; parent != null && depth < ANCESTORS_MAX; depth += 1) {
    if (parent === ancestor) return true;
    const path = await store.files.findAnywhere(parent);
    const head = path === undefined ? undefined : await store.files.head(path);
    parent = head?.meta.parentThreadId;
  }
  return false;
}
