import type { FuzzyFileSearchResult } from "@holdfast/app-server-protocol";
import type { Clock } from "@holdfast/rpc";
import { MATCHES_MAX, SLICE_MS } from "./limits.ts";
import { pathCharacters } from "./path-characters.ts";
import { type QueryPattern, queryPattern } from "./query-pattern.ts";
import { scoreAtom } from "./score-atom.ts";

/** A file or folder below a root. */
export interface FoundEntry {
  /** As the client named it. */
  readonly root: string;
  /** From the root, with slashes. */
  readonly path: string;
  readonly isFolder: boolean;
}

/** What the name of a file counts more in which all of a query was found, twice that for a folder of exactly that name, and three times for such a file. */
const IN_NAME = 65_536;

const ENTRIES_PER_LOOK = 64;

interface Match {
  readonly entry: FoundEntry;
  readonly score: number;
  readonly indices: readonly number[];
}

/**
 * The entries that a query is for, best first, and in the order of their paths where they are as good. Where there are too many as good ones, the shorter paths are told.
 *
 * @param signal - Nobody wants to know any more: what was found so far is the result.
 */
export async function rankFiles(
  query: string,
  entries: readonly FoundEntry[],
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<FuzzyFileSearchResult[]> {
  if (query === "") return [];
  const pattern = queryPattern(query);
  const best: Match[] = [];
  let sliceEndMs = clock.now() + SLICE_MS;
  for (const [index, entry] of entries.entries()) {
    if (index % ENTRIES_PER_LOOK === 0 && clock.now() >= sliceEndMs) {
      await new Promise(setImmediate);
      sliceEndMs = clock.now() + SLICE_MS;
    }
    if (signal.aborted) break;
    const match = matchOf(pattern, entry);
    if (match !== undefined) keep(best, match);
  }
  best.sort((one, other) => other.score - one.score || (one.entry.path < other.entry.path ? -1 : 1));
  return best.map(({ entry: { root, path, isFolder }, score, indices }) => ({
    root,
    path,
    match_type: isFolder ? "directory" : "file",
    file_name: path.slice(path.lastIndexOf("/") + 1),
    score,
    indices: [...indices],
  }));
}

function matchOf(pattern: QueryPattern, entry: FoundEntry): Match | undefined {
  const { path } = entry;
  const inPath = matchIn(pattern, path);
  if (inPath === undefined || pattern.name === undefined) return inPath && { entry, ...inPath };
  const start = path.lastIndexOf("/") + 1;
  const name = path.slice(start);
  const bonus = nameBonus(pattern.name, name, entry);
  const inName = bonus === 0 ? undefined : matchIn(pattern, name);
  if (inName === undefined) return { entry, ...inPath };
  const before = Array.from(path.slice(0, start)).length;
  return { entry, score: inName.score + bonus, indices: inName.indices.map((index) => index + before) };
}

/** What it counts more that a query is in a name. */
function nameBonus(query: string, name: string, { isFolder }: FoundEntry): number {
  if (name.toLowerCase() === query) return isFolder ? 2 * IN_NAME : 3 * IN_NAME;
  return isFolder ? 0 : IN_NAME;
}

/** Where all words of a query are. Undefined: one is not there, or one is that is not wanted. */
function matchIn({ atoms }: QueryPattern, text: string): Omit<Match, "entry"> | undefined {
  const characters = pathCharacters(text);
  const indices = new Set<number>();
  let score = 0;
  for (const atom of atoms) {
    const found = scoreAtom(atom, characters);
    if ((found !== undefined) === atom.isInverse) return undefined;
    if (found === undefined) continue;
    score += found.score;
    for (const index of found.indices) indices.add(index);
  }
  return { score, indices: [...indices].sort((one, other) => one - other) };
}

/** Put it where it belongs among the best. */
function keep(best: Match[], match: Match): void {
  const last = best.at(-1);
  if (best.length === MATCHES_MAX && last !== undefined && !isBetter(match, last)) return;
  const at = best.findIndex((other) => isBetter(match, other));
  best.splice(at === -1 ? best.length : at, 0, match);
  if (best.length > MATCHES_MAX) best.pop();
}

function isBetter(one: Match, other: Match): boolean {
  if (one.score !== other.score) return one.score > other.score;
  const [path, another] = [one.entry.path, other.entry.path];
  return path.length === another.length ? path < another : path.length < another.length;
}
