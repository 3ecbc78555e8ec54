import { type FileLine, fileLines, lineEndOf } from "./file-lines.ts";
import { type ComparedLines, LineFinder } from "./find-lines.ts";
import type { PatchChunk, PatchLine } from "./patch.ts";
import { PatchError } from "./patch-error.ts";

/** Lines from `at` on that give way to others. */
interface Replacement {
  readonly at: number;
  readonly count: number;
  readonly lines: readonly FileLine[];
}

/**
 * The text of a file after an update. Lines that stay keep their ends and their white space; new ones end as the first line of the file does, and
 * so does the last one of all.
 *
 * @param about.path - For errors.
 * @throws PatchError `mismatch`, `too-large`.
 */
export function editText(
  content: string,
  chunks: readonly PatchChunk[],
  about: { readonly path: string; readonly compared: ComparedLines },
): string {
  const lines = fileLines(content, about.path);
  const end = lineEndOf(lines);
  const edited: (readonly FileLine[])[] = [];
  let from = 0;
  for (const { at, count, lines: replaced } of replacements(lines, chunks, about)) {
    edited.push(lines.slice(from, at), replaced);
    from = at + count;
  }
  edited.push(lines.slice(from));
  return edited
    .flat()
    .map((line) => line.text + (line.end || end))
    .join("");
}

/** In the order of the file. */
function replacements(
  lines: readonly FileLine[],
  chunks: readonly PatchChunk[],
  { path, compared }: { readonly path: string; readonly compared: ComparedLines },
): Replacement[] {
  const texts = lines.map(({ text }) => text);
  const finder = new LineFinder(texts, compared);
  const found: Replacement[] = [];
  let start = 0;
  for (const chunk of chunks) {
    if (chunk.context !== undefined) {
      const at = finder.find([chunk.context], { start, isEndOfFile: false });
      if (at === undefined) {
        throw new PatchError("mismatch", `Failed to find context '${chunk.context}' in ${path}`, { path });
      }
      start = at + 1;
    }
    const place = placeOf(chunk, finder, { start, path, end: lines.length });
    found.push(...replaced(place));
    start = place.next;
  }
  // What is added at the same place stays in the order of the patch.
  return found.sort((a, b) => a.at - b.at);
}

/** Where a chunk is in a file. */
interface Place {
  /** As it is read there. */
  readonly lines: readonly PatchLine[];
  readonly at: number;
  /** Where the next chunk may begin. */
  readonly next: number;
}

function placeOf(
  chunk: PatchChunk,
  finder: LineFinder,
  { start, path, end }: { readonly start: number; readonly path: string; readonly end: number },
): Place {
  const old = chunk.lines.filter(isOld);
  if (old.length === 0) return { lines: chunk.lines, at: end, next: start };
  for (const lines of attempts(chunk.lines)) {
    const wanted = lines.filter(isOld).map(({ text }) => text);
    const at = finder.find(wanted, { start, isEndOfFile: chunk.isEndOfFile });
    if (at !== undefined) return { lines, at, next: at + wanted.length };
  }
  const wanted = old.map(({ text }) => text).join("\n");
  throw new PatchError("mismatch", `Failed to find expected lines in ${path}:\n${wanted}`, { path });
}

/** An empty line at the end of what is expected may stand for the end of the file, which has no line there; so may one at the end of what is to be. */
function* attempts(lines: readonly PatchLine[]): Generator<readonly PatchLine[]> {
  yield lines;
  const lastOld = lines.findLastIndex(isOld);
  if (lines[lastOld]?.text !== "") return;
  const lastNew = lines.findLastIndex((line) => line.kind !== "remove");
  const drops = lines[lastNew]?.text === "";
  yield lines.flatMap((line, index): readonly PatchLine[] => {
    const isWanted = index !== lastOld && isOld(line);
    const isKept = !(drops && index === lastNew) && line.kind !== "remove";
    if (isWanted && isKept) return [line];
    if (isWanted) return [{ kind: "remove", text: line.text }];
    return isKept ? [{ kind: "add", text: line.text }] : [];
  });
}

/** Runs of lines between those that stay. */
function replaced({ lines, at }: Place): Replacement[] {
  const runs: Replacement[] = [];
  let next = at;
  let run: { at: number; count: number; lines: FileLine[] } | undefined;
  for (const { kind, text } of lines) {
    if (kind === "context") {
      run = undefined;
      next += 1;
      continue;
    }
    if (run === undefined) {
      run = { at: next, count: 0, lines: [] };
      runs.push(run);
    }
    if (kind === "add") run.lines.push({ text, end: "" });
    else {
      run.count += 1;
      next += 1;
    }
  }
  return runs;
}

function isOld({ kind }: PatchLine): boolean {
  return kind !== "add";
}
