import {
  FIND_PAGE_MAX_ENTRIES,
  type HoldfastFileFilter,
  type HoldfastSearchProblem,
  SEARCH_PAGE_MAX_MATCHES,
} from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { displayPath } from "@holdfast/path-uri";
import { asFileCall, type FileCall } from "../errors/file-call.ts";
import { SearchPages } from "./search-pages.ts";
import { type GlobRequest, type TextRequest, type TreeRequest, throwIfAborted } from "./search-request.ts";
import type { GlobEntry, SearchMatch, SearchProblem } from "./search-types.ts";
import { checkToldPath } from "./told-names.ts";

type Stub = Pick<ExecServerClient, "holdfast">;

/** Pages of what matches, each asked for when the one before was taken. */
export async function* globOnExecutor({ holdfast }: Stub, request: GlobRequest): AsyncGenerator<GlobEntry> {
  const { kinds, limit } = request;
  const pages = new SearchPages("holdfast/findFiles");
  let left = limit;
  while (left > 0) {
    const { cursor } = pages;
    const params = {
      ...treeOf(request),
      ...(kinds === undefined ? {} : { kinds: [...kinds] }),
      ...(cursor === undefined ? {} : { cursor }),
      maxEntries: Math.min(left, FIND_PAGE_MAX_ENTRIES),
    };
    const page = await asFileCall(named(request), () => holdfast.findFiles(params, waiting(request)));
    tell(request, page.problems);
    for (const [index, { path: uri, kind }] of page.entries.slice(0, left).entries()) {
      throwIfAborted(request);
      checkToldPath(uri, request.root, { method: "holdfast/findFiles", member: ["entries", index, "path"] });
      yield { path: displayPath(uri), uri, kind };
    }
    left -= page.entries.length;
    if (!pages.advance(page.cursor, page.entries.length)) return;
  }
}

export async function* searchOnExecutor({ holdfast }: Stub, request: TextRequest): AsyncGenerator<SearchMatch> {
  const { pattern, isRegex, ignoreCase, maxFileBytes, maxMatches } = request;
  const pages = new SearchPages("holdfast/searchText");
  let left = maxMatches;
  while (left > 0) {
    const { cursor } = pages;
    const params = {
      ...treeOf(request),
      ...{ pattern, isRegex, ignoreCase },
      ...(maxFileBytes === undefined ? {} : { maxFileBytes }),
      ...(cursor === undefined ? {} : { cursor }),
      maxMatches: Math.min(left, SEARCH_PAGE_MAX_MATCHES),
    };
    const page = await asFileCall(named(request), () => holdfast.searchText(params, waiting(request)));
    tell(request, page.problems);
    for (const [index, { path: uri, ...match }] of page.matches.slice(0, left).entries()) {
      throwIfAborted(request);
      checkToldPath(uri, request.root, { method: "holdfast/searchText", member: ["matches", index, "path"] });
      yield { path: displayPath(uri), uri, ...match };
    }
    left -= page.matches.length;
    if (!pages.advance(page.cursor, page.matches.length)) return;
  }
}

function named({ root, call: { method, signal } }: TreeRequest): FileCall {
  return { method, path: displayPath(root), signal };
}

function waiting({ call: { signal } }: TreeRequest) {
  return { signal };
}

function treeOf({ root, patterns, ignore, includeHidden, followSymlinks, call: { sandbox } }: TreeRequest) {
  const filter: HoldfastFileFilter = { patterns: [...patterns], ignore: [...ignore], includeHidden, followSymlinks };
  return { path: root, filter, ...(sandbox === undefined ? {} : { sandbox }) };
}

function tell({ onProblem }: TreeRequest, problems: readonly HoldfastSearchProblem[]): void {
  for (const { path, message } of problems) onProblem?.({ path: displayPath(path), message } satisfies SearchProblem);
}
