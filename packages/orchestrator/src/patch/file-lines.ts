import { PATCHED_FILE_MAX_LINES } from "./limits.ts";
import { PatchError } from "./patch-error.ts";

/** A line of a file, with what ends it: empty for a last one that nothing ends. */
export interface FileLine {
  readonly text: string;
  readonly end: "\n" | "\r\n" | "\r" | "";
}

const LINE = /([^\r\n]*)(\r\n|\n|\r|$)/y;

/**
 * Every way to end a line counts, also where they are mixed.
 *
 * @param path - For errors.
 * @throws PatchError `too-large`.
 */
export function fileLines(content: string, path: string): FileLine[] {
  const lines: FileLine[] = [];
  LINE.lastIndex = 0;
  while (LINE.lastIndex < content.length) {
    if (lines.length === PATCHED_FILE_MAX_LINES) throw tooMany(path);
    const [, text = "", end = ""] = LINE.exec(content) ?? [];
    lines.push({ text, end: end as FileLine["end"] });
  }
  return lines;
}

/** How new lines of a file end: as its first one. */
export function lineEndOf(lines: readonly FileLine[]): string {
  return lines[0]?.end || "\n";
}

function tooMany(path: string): PatchError {
  const message = `${path} has more than ${PATCHED_FILE_MAX_LINES} lines; such files are not patched`;
  return new PatchError("too-large", message, { path });
}
