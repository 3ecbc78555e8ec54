import { refused } from "./refusals.ts";

/** What part of a list is asked for. */
export interface PageQuery {
  readonly cursor?: string | null | undefined;
  readonly limit?: number | null | undefined;
  readonly direction: "asc" | "desc";
}

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

const CURSOR = /^(\d{1,15})(=?)$/;

/** Where a cursor stands: at an entry of the list, which counts or not. */
export function cursorAt(index: number, includes: boolean): string {
  return `${index}${includes ? "=" : ""}`;
}

/**
 * A part of a list that only grows at its end: cursors stay what they are.
 *
 * @throws RpcFault - The cursor is none of this list.
 */
export function pageOf<Entry>(
  list: readonly Entry[],
  query: PageQuery,
  defaultLimit: number,
  limitMax: number,
): Page<Entry> {
  const step = query.direction === "asc" ? 1 : -1;
  const start = startOf(query, list.length, step);
  const limit = Math.min(Math.max(query.limit ?? defaultLimit, 1), limitMax);
  const entries: Entry[] = [];
  let index = start;
  for (; index >= 0 && index < list.length && entries.length < limit; index += step) {
    entries.push(list[index] as Entry);
  }
  const hasMore = index >= 0 && index < list.length;
  return {
    entries,
    nextCursor: hasMore ? cursorAt(index - step, false) : null,
    backwardsCursor: entries.length === 0 ? null : cursorAt(start, true),
  };
}

function startOf({ cursor, direction }: PageQuery, length: number, step: number): number {
  if (cursor === undefined || cursor === null) return direction === "asc" ? 0 : length - 1;
  const match = CURSOR.exec(cursor);
  if (match === null) throw refused(`invalid cursor: ${cursor}`);
  const index = Number(match[1]);
  return match[2] === "=" ? index : index + step;
}
