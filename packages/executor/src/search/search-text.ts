import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { errnoOf, osFault, toFault, withFaults } from "../filesystem/index.ts";
import { cursorOf, positionOf } from "./cursor.ts";
import { type TreeFilter, visitTree } from "./file-tree.ts";
import type { LineMatch } from "./match-lines.ts";
import { type BytePath, isPageFull, type PageCost, type Problem } from "./page.ts";
import { type CompiledPattern, compilePattern, type RunLineSearch, type TextPattern } from "./pattern.ts";
import { Turns } from "./turns.ts";

export interface SearchRequest {
  readonly filter: TreeFilter;
  readonly pattern: TextPattern;
  readonly maxFileBytes: number;
  readonly cursor: string | undefined;
  readonly maxMatches: number;
}

/** A line of a file. */
export type TextMatch = LineMatch & { readonly path: BytePath };

export interface SearchPage {
  readonly matches: readonly TextMatch[];
  readonly problems: readonly Problem[];
  readonly cursor: string | undefined;
}

/** A file with a NUL in its beginning is no text. */
const BINARY_LOOK_BYTES = 8_192;
const MAX_TEXT_CHARACTERS = 1_024;
/** Of all searches: a file is in memory from its reading to the end of its search, for which it may have to wait. */
const filesAtOnce = new Turns(4);

/** One page of the lines that match in the files below a folder. */
export function searchText(root: Buffer, request: SearchRequest, run: RunLineSearch): Promise<SearchPage> {
  return withFaults(async () => {
    const { filter, maxMatches, cursor } = request;
    const pattern = compilePattern(request.pattern);
    const from = cursor === undefined ? undefined : positionOf(cursor);
    const page: PageCost = { startedAtMs: undefined, characters: 0 };
    const matches: TextMatch[] = [];
    const problems: Problem[] = [];
    const start = { after: from?.below, isAgain: from?.line !== undefined };
    for await (const visit of visitTree(root, filter, start)) {
      const { path, below } = visit;
      if (visit.type === "problem") problems.push({ path, message: visit.message });
      const afterLine = from?.line !== undefined && from.below === below ? from.line : 0;
      if (visit.type === "entry" && visit.kind === "file") {
        const room = maxMatches - matches.length;
        const look = { ...request, pattern, afterLine, room, run, followSymlinks: filter.followSymlinks };
        const found = await filesAtOnce.run(() => searchFile(path, look));
        if ("message" in found) problems.push({ path, message: found.message });
        else {
          for (const match of found.matches) {
            matches.push({ ...match, path });
            page.characters += path.length + match.text.length;
          }
          const last = found.matches.at(-1);
          // There may be more lines in this one.
          if (last !== undefined && matches.length >= maxMatches) {
            return { matches, problems, cursor: cursorOf({ below, line: last.lineNumber }) };
          }
        }
      }
      if (below !== "" && isPageFull(page, problems)) {
        return { matches, problems, cursor: cursorOf({ below, line: undefined }) };
      }
    }
    return { matches, problems, cursor: undefined };
  });
}

interface FileSearch {
  readonly pattern: CompiledPattern;
  readonly maxFileBytes: number;
  readonly afterLine: number;
  readonly room: number;
  readonly run: RunLineSearch;
  readonly followSymlinks: boolean;
}

async function searchFile(
  path: BytePath,
  { pattern, maxFileBytes, afterLine, room, run, followSymlinks }: FileSearch,
): Promise<{ readonly matches: readonly LineMatch[] } | { readonly message: string }> {
  const read = await readText(Buffer.from(path, "latin1"), {
    maxBytes: maxFileBytes,
    needed: pattern.neededBytes,
    followSymlinks,
  });
  if (read === undefined || typeof read !== "string") return read ?? { matches: [] };
  const { source, flags } = pattern;
  const limits = { maxMatches: room, maxTextCharacters: MAX_TEXT_CHARACTERS };
  return { matches: await run({ source, flags, text: read, afterLine, ...limits }) };
}

/** Undefined: there is nothing to find in it. */
async function readText(
  path: Buffer,
  {
    maxBytes,
    needed,
    followSymlinks,
  }: { readonly maxBytes: number; readonly needed: Buffer | undefined; readonly followSymlinks: boolean },
): Promise<string | undefined | { readonly message: string }> {
  try {
    // By now a link may have its name.
    const noFollow = followSymlinks ? 0 : constants.O_NOFOLLOW;
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | noFollow);
    try {
      const stats = await file.stat();
      // By now it may be something else.
      if (!stats.isFile()) return undefined;
      const data = await readUpTo(file, maxBytes, stats.size);
      if (data === undefined) return { message: `not searched: it has more than ${maxBytes} bytes` };
      if (data.subarray(0, BINARY_LOOK_BYTES).includes(0)) return undefined;
      if (needed !== undefined && !data.includes(needed)) return undefined;
      return data.toString("utf8");
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (code === "ENOENT" || code === "ELOOP") return undefined;
    return { message: code === undefined ? toFault(thrown).message : osFault(code).message };
  }
}

/** A size is a hint; the end is where a read gives nothing. */
async function readUpTo(
  file: Awaited<ReturnType<typeof open>>,
  maxBytes: number,
  sizeHint: number,
): Promise<Buffer | undefined> {
  if (sizeHint > maxBytes) return undefined;
  let data = Buffer.allocUnsafe(Math.min(Math.max(sizeHint, BINARY_LOOK_BYTES) + 1, maxBytes + 1));
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(data, length, data.length - length, length);
    if (bytesRead === 0) return data.subarray(0, length);
    length += bytesRead;
    if (length > maxBytes) return undefined;
    if (length === data.length) {
      const larger = Buffer.allocUnsafe(Math.min(data.length * 2, maxBytes + 1));
      data.copy(larger);
      data = larger;
    }
  }
}
