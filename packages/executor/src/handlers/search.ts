import {
  FIND_PAGE_MAX_ENTRIES,
  type HoldfastFileFilter,
  type HoldfastFindFilesParams,
  type HoldfastFindFilesResult,
  type HoldfastSearchTextParams,
  type HoldfastSearchTextResult,
  type Received,
  SEARCH_FILE_DEFAULT_BYTES,
  SEARCH_FILE_MAX_BYTES,
  SEARCH_PAGE_MAX_MATCHES,
  SEARCH_PATTERN_MAX_CHARACTERS,
} from "@holdfast/exec-server-protocol";
import type { PathUri } from "@holdfast/path-uri";
import type { CallContext } from "../session/call-context.ts";
import { invalidRequest } from "./faults.ts";
import { observe } from "./file-turns.ts";
import { nativePath, uriOf } from "./paths.ts";

function findFiles(params: Received<HoldfastFindFilesParams>, context: CallContext): Promise<HoldfastFindFilesResult> {
  const root = nativePath(params.path);
  const { kinds, cursor } = params;
  const query = {
    filter: filterOf(params.filter),
    ...(kinds === undefined || kinds === null ? {} : { kinds }),
    ...(cursor === undefined || cursor === null ? {} : { cursor }),
    maxEntries: bounded("maxEntries", params.maxEntries, FIND_PAGE_MAX_ENTRIES),
  };
  return observe(params, context, async (files) => {
    const page = await files.findFiles(root, query);
    return {
      entries: page.entries.map(({ path, kind }) => ({ path: onWire(path), kind })),
      problems: page.problems.map(({ path, message }) => ({ path: onWire(path), message })),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    };
  });
}

function searchText(
  params: Received<HoldfastSearchTextParams>,
  context: CallContext,
): Promise<HoldfastSearchTextResult> {
  const root = nativePath(params.path);
  const { pattern, isRegex, ignoreCase, cursor } = params;
  if (pattern.length > SEARCH_PATTERN_MAX_CHARACTERS) {
    throw invalidRequest(`\`pattern\` must not exceed ${SEARCH_PATTERN_MAX_CHARACTERS} characters`);
  }
  const query = {
    filter: filterOf(params.filter),
    pattern,
    isRegex: isRegex ?? false,
    ignoreCase: ignoreCase ?? false,
    maxFileBytes: bounded("maxFileBytes", params.maxFileBytes, SEARCH_FILE_MAX_BYTES, SEARCH_FILE_DEFAULT_BYTES),
    ...(cursor === undefined || cursor === null ? {} : { cursor }),
    maxMatches: bounded("maxMatches", params.maxMatches, SEARCH_PAGE_MAX_MATCHES),
  };
  return observe(params, context, async (files) => {
    const page = await files.searchText(root, query);
    return {
      matches: page.matches.map(({ path, ...match }) => ({ path: onWire(path), ...match })),
      problems: page.problems.map(({ path, message }) => ({ path: onWire(path), message })),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    };
  });
}

function filterOf({ patterns, ignore, includeHidden, followSymlinks }: HoldfastFileFilter) {
  return {
    patterns,
    ignore: ignore ?? [],
    includeHidden: includeHidden ?? false,
    followSymlinks: followSymlinks ?? false,
  };
}

function bounded(member: string, value: number | null | undefined, max: number, otherwise = max): number {
  if (value === undefined || value === null) return otherwise;
  if (value >= 1 && value <= max) return value;
  throw invalidRequest(`\`${member}\` must be from 1 to ${max}, not ${value}`);
}

/** @param path - One character per byte. */
function onWire(path: string): PathUri {
  return uriOf(Buffer.from(path, "latin1"));
}

/** Files by patterns of their paths, and by text in them. */
export const searchHandlers = { "holdfast/findFiles": findFiles, "holdfast/searchText": searchText };
