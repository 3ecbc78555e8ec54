import type { PathGlobs } from "@holdfast/path-uri";
import { type EntryKind, FileSystemFault } from "../filesystem/index.ts";
import { type FindPage, findFiles } from "../search/find-files.ts";
import type { RunLineSearch } from "../search/pattern.ts";
import { type SearchPage, searchText } from "../search/search-text.ts";

/** Which files, as it crosses to a helper. */
export interface FileFilter {
  readonly patterns: readonly string[];
  readonly ignore: readonly string[];
  readonly includeHidden: boolean;
  readonly followSymlinks: boolean;
}

export interface FindQuery {
  readonly filter: FileFilter;
  /** Undefined: all. */
  readonly kinds?: readonly EntryKind[];
  readonly cursor?: string;
  readonly maxEntries: number;
}

export interface SearchQuery {
  readonly filter: FileFilter;
  readonly pattern: string;
  readonly isRegex: boolean;
  readonly ignoreCase: boolean;
  readonly maxFileBytes: number;
  readonly cursor?: string;
  readonly maxMatches: number;
}

/** Files by patterns of their paths, and by text in them. Paths of answers have one character per byte. */
export interface SearchOperations {
  findFiles(root: Buffer, query: FindQuery): Promise<FindPage>;
  searchText(root: Buffer, query: SearchQuery): Promise<SearchPage>;
}

/** Compiles patterns. */
export interface GlobCompiler {
  compilePathGlobs(patterns: readonly string[], options: { readonly matchHidden: boolean }): PathGlobs;
}

/** Operations of this process itself. @param compiler - Asked for when there is something to compile. */
export function directSearchOperations(compiler: () => Promise<GlobCompiler>, run: RunLineSearch): SearchOperations {
  return {
    findFiles: async (root, { filter, kinds, cursor, maxEntries }) =>
      findFiles(root, { filter: await compiled(compiler, filter), kinds, cursor, maxEntries }),
    searchText: async (root, { filter, pattern: text, isRegex, ignoreCase, maxFileBytes, cursor, maxMatches }) => {
      const pattern = { text, isRegex, ignoreCase };
      const request = { filter: await compiled(compiler, filter), pattern, maxFileBytes, cursor, maxMatches };
      return searchText(root, request, run);
    },
  };
}

async function compiled(load: () => Promise<GlobCompiler>, filter: FileFilter) {
  const compiler = await load();
  const compile = (member: string, patterns: readonly string[], matchHidden: boolean) => {
    try {
      return compiler.compilePathGlobs(patterns, { matchHidden });
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new FileSystemFault("invalid-input", `\`${member}\` has a pattern that can not be used: ${why}`);
    }
  };
  const { patterns, ignore, includeHidden, followSymlinks } = filter;
  const wanted = compile("patterns", patterns, includeHidden);
  return { wanted, ignored: compile("ignore", ignore, true), followSymlinks };
}
