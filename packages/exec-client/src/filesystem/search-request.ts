import type { PathUri } from "@holdfast/path-uri";
import { compilePathGlobs, GlobSyntaxError } from "@holdfast/path-uri";
import { abortedCall } from "../abortable.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { EntryCall } from "./entry-port.ts";
import type { GlobOptions, SearchOptions, SearchProblem } from "./search-types.ts";
import type { EntryKind } from "./types.ts";

/** Which files of a tree, checked. */
export interface TreeRequest {
  readonly root: PathUri;
  readonly patterns: readonly string[];
  readonly ignore: readonly string[];
  readonly includeHidden: boolean;
  readonly followSymlinks: boolean;
  readonly onProblem: ((problem: SearchProblem) => void) | undefined;
  readonly call: EntryCall;
}

export interface GlobRequest extends TreeRequest {
  readonly kinds: readonly EntryKind[] | undefined;
  readonly limit: number;
}

export interface TextRequest extends TreeRequest {
  readonly pattern: string;
  readonly isRegex: boolean;
  readonly ignoreCase: boolean;
  readonly maxFileBytes: number | undefined;
  readonly maxMatches: number;
}

/** Between two things that are told. @throws LinkError `aborted`, by the reason of the signal. */
export function throwIfAborted({ call: { method, signal } }: TreeRequest): void {
  if (signal?.aborted) throw abortedCall(method, "unknown", signal);
}

/** @throws InvalidArgumentError - A pattern is none. */
export function globRequest(
  patterns: string | readonly string[],
  options: GlobOptions,
  place: Pick<TreeRequest, "root" | "call">,
): GlobRequest {
  const { kinds, limit = Number.POSITIVE_INFINITY } = options;
  return { ...treeRequest("patterns", patterns, options, place), kinds, limit };
}

/** @throws InvalidArgumentError - A pattern is none, or has flags that mean nothing line by line. */
export function textRequest(
  pattern: string | RegExp,
  options: SearchOptions,
  place: Pick<TreeRequest, "root" | "call">,
): TextRequest {
  const { glob = "**", maxFileBytes, maxMatches = Number.POSITIVE_INFINITY } = options;
  const isRegex = pattern instanceof RegExp;
  if (!isRegex && typeof pattern !== "string") {
    throw new InvalidArgumentError("pattern", "pattern must be a string or a RegExp");
  }
  const source = isRegex ? pattern.source : pattern;
  if (source === "" || source.includes("\n")) {
    throw new InvalidArgumentError("pattern", "pattern must not be empty, and is looked for line by line");
  }
  if (isRegex && /[vy]/.test(pattern.flags)) {
    throw new InvalidArgumentError("pattern", `pattern must not have the flags v or y, it has ${pattern.flags}`);
  }
  return {
    ...treeRequest("glob", glob, options, place),
    pattern: source,
    isRegex,
    ignoreCase: options.ignoreCase ?? (isRegex && pattern.ignoreCase),
    maxFileBytes,
    maxMatches,
  };
}

function treeRequest(
  argument: string,
  patterns: string | readonly string[],
  options: GlobOptions | SearchOptions,
  place: Pick<TreeRequest, "root" | "call">,
): TreeRequest {
  const { ignore = [], includeHidden = false, followSymlinks = false, onProblem } = options;
  const wanted = listOf(argument, patterns);
  const ignored = listOf("ignore", ignore);
  return { ...place, patterns: wanted, ignore: ignored, includeHidden, followSymlinks, onProblem };
}

function listOf(argument: string, patterns: string | readonly string[]): readonly string[] {
  const list = typeof patterns === "string" ? [patterns] : patterns;
  if (!Array.isArray(list) || !list.every((pattern) => typeof pattern === "string")) {
    throw new InvalidArgumentError(argument, `${argument} must be a string or an array of strings`);
  }
  try {
    compilePathGlobs(list);
  } catch (error) {
    if (!(error instanceof GlobSyntaxError)) throw error;
    throw new InvalidArgumentError(argument, `${argument} has a pattern that can not be used: ${error.message}`, {
      cause: error,
    });
  }
  return list;
}
