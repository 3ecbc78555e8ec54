import type { Client, RequestOptions } from "@modelcontextprotocol/client";
import { LIST_PAGES_MAX, LISTED_MAX } from "../limits.ts";

/** What each kind of listing holds its entries in. */
const MEMBERS = {
  "tools/list": "tools",
  "resources/list": "resources",
  "resources/templates/list": "resourceTemplates",
  "prompts/list": "prompts",
} as const;

export type ListMethod = keyof typeof MEMBERS;

type Page<Method extends ListMethod> = Awaited<ReturnType<typeof requestPage<Method>>>;
export type Listed<Method extends ListMethod> = Page<Method>[(typeof MEMBERS)[Method] &
  keyof Page<Method>] extends readonly (infer Item)[]
  ? Item
  : never;

function requestPage<Method extends ListMethod>(
  client: Client,
  method: Method,
  cursor: string | undefined,
  options: RequestOptions,
) {
  return client.request({ method, params: cursor === undefined ? {} : { cursor } }, options);
}

/**
 * All pages of a listing.
 *
 * @throws Error it does not end: a cursor comes twice, or there are too many pages or entries.
 */
export async function listPages<Method extends ListMethod>(
  client: Client,
  method: Method,
  options: RequestOptions,
): Promise<readonly Listed<Method>[]> {
  const all: Listed<Method>[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < LIST_PAGES_MAX; page += 1) {
    const answer = await requestPage(client, method, cursor, options);
    const items = (answer as Readonly<Record<string, unknown>>)[MEMBERS[method]];
    for (const item of items as Listed<Method>[]) all.push(item);
    if (all.length > LISTED_MAX) throw new Error(`${method} returned more than ${LISTED_MAX} entries`);
    cursor = (answer as { readonly nextCursor?: string }).nextCursor;
    if (cursor === undefined) return all;
    if (seen.has(cursor)) throw new Error(`${method} returned duplicate cursor`);
    seen.add(cursor);
  }
  throw new Error(`${method} returned more than ${LIST_PAGES_MAX} pages`);
}
