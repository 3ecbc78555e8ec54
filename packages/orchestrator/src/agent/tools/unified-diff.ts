import { createHash } from "node:crypto";
import { type StructuredPatchHunk, structuredPatch } from "diff";
import { DIFF_MAX_MS } from "./limits.ts";

/** Lines around a change. */
const CONTEXT_LINES = 3;
const NO_FILE = "0".repeat(40);

/** What a file had, and what it has. Undefined: there was, or is, none. */
export interface ChangedFile {
  /** With slashes, relative to the folder that the diff is for. */
  readonly path: string;
  /** Where it was. Default: at `path`. */
  readonly from?: string | undefined;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The places of a text that differ, as in a unified diff without its head. */
export function unifiedHunks(before: string, after: string): string {
  const patch = structuredPatch("", "", before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    timeout: DIFF_MAX_MS,
  });
  return (patch?.hunks ?? [wholeHunk(before, after)]).map(hunkText).join("");
}

/** A file's part of a diff as git writes it; its modes are taken for those of usual files. */
export function gitDiff({ path, from = path, before, after }: ChangedFile): string {
  if (before === after && from === path) return "";
  return [
    `diff --git a/${from} b/${path}\n`,
    ...(before === undefined ? ["new file mode 100644\n"] : []),
    ...(after === undefined ? ["deleted file mode 100644\n"] : []),
    ...(from === path ? [] : [`rename from ${from}\nrename to ${path}\n`]),
    `index ${blobId(before)}..${blobId(after)}\n`,
    before === undefined ? "--- /dev/null\n" : `--- a/${from}\n`,
    after === undefined ? "+++ /dev/null\n" : `+++ b/${path}\n`,
    unifiedHunks(before ?? "", after ?? ""),
  ].join("");
}

function hunkText({ oldStart, oldLines, newStart, newLines, lines }: StructuredPatchHunk): string {
  const head = `@@ -${rangeOf(oldStart, oldLines)} +${rangeOf(newStart, newLines)} @@\n`;
  return head + lines.map((line) => `${line}\n`).join("");
}

function rangeOf(start: number, lines: number): string {
  return lines === 1 ? String(start) : `${lines === 0 ? Math.max(0, start - 1) : start},${lines}`;
}

/** All of it anew, where finding out what differs takes too long. */
function wholeHunk(before: string, after: string): StructuredPatchHunk {
  const [gone, come] = [linesOf(before), linesOf(after)];
  const lines = [...gone.map((line) => `-${line}`), ...come.map((line) => `+${line}`)];
  return { oldStart: 1, oldLines: gone.length, newStart: 1, newLines: come.length, lines };
}

function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

function blobId(text: string | undefined): string {
  if (text === undefined) return NO_FILE;
  const bytes = Buffer.from(text);
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
