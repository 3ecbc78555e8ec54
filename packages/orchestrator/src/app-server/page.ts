import { invalidRequest } from "./faults.ts";

/** A part of a list that a client asks for. */
export interface PageParams {
  /** Where it begins: what the page before said is next. */
  readonly cursor?: string | null | undefined;
  /** Default: all. */
  readonly limit?: number | null | undefined;
}

/**
 * One page of a list that is known whole.
 *
 * @param what - What is listed, for the error.
 * @throws RpcFault - The cursor is none of this list.
 */
export function pageOf<Item>(
  all: readonly Item[],
  { cursor, limit }: PageParams,
  what: string,
): { readonly data: Item[]; readonly nextCursor: string | null } {
  const start = cursor === null || cursor === undefined ? 0 : indexIn(cursor);
  if (start > all.length) throw invalidRequest(`cursor ${start} exceeds total ${what} ${all.length}`);
  const end = start + Math.max(1, limit ?? all.length);
  return { data: all.slice(start, end), nextCursor: end < all.length ? String(end) : null };
}

function indexIn(cursor: string): number {
  const index = /^\+?\d+$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (!Number.isSafeInteger(index)) throw invalidRequest(`invalid cursor: ${cursor}`);
  return index;
}
