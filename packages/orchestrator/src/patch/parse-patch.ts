import { PATCH_MAX_BYTES } from "./limits.ts";
import type { Patch, PatchChunk, PatchHunk, PatchLine } from "./patch.ts";
import { PatchError } from "./patch-error.ts";
import { trim, trimEnd } from "./white-space.ts";

const BEGIN = "*** Begin Patch";
const END = "*** End Patch";
const ENVIRONMENT = "*** Environment ID:";
const ADD = "*** Add File: ";
const DELETE = "*** Delete File: ";
const UPDATE = "*** Update File: ";
const MOVE = "*** Move to: ";
const END_OF_FILE = "*** End of File";
const CONTEXT = "@@";
const CONTEXT_WITH_LINE = "@@ ";

const HEADERS = `'${ADD}{path}', '${DELETE}{path}', '${UPDATE}{path}'`;
const HEREDOC_BEGINS = ["<<EOF", "<<'EOF'", '<<"EOF"'];
const HEREDOC_END = "EOF";
/** Of a patch in a here-document: its two words, and the two of the patch. */
const HEREDOC_MIN_LINES = 4;

/**
 * Read a patch: `*** Begin Patch`, files to add, update and delete, `*** End Patch`. White space around it does not count, nor do the words of a
 * here-document.
 *
 * @throws PatchError `syntax`, with the line; `empty`: it names no file; `too-large`.
 */
export function parsePatch(text: string): Patch {
  if (text.length > PATCH_MAX_BYTES || Buffer.byteLength(text) > PATCH_MAX_BYTES) {
    throw new PatchError("too-large", `Invalid patch: it has more than ${PATCH_MAX_BYTES} bytes; split it`);
  }
  const whole = linesOf(trim(text));
  const lines = frameProblem(whole) === undefined ? whole : (withoutHeredoc(whole) ?? whole);
  const problem = frameProblem(lines);
  if (problem !== undefined) throw new PatchError("syntax", `Invalid patch: ${problem}`);
  const patch = new PatchReader([...lines.slice(0, -1), END]).read();
  if (patch.hunks.length === 0) throw new PatchError("empty", "No files were modified.");
  return patch;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n").map((line) => line.replace(/\r{1,2}$/, ""));
}

function frameProblem(lines: readonly string[]): string | undefined {
  const [first] = lines;
  if (first !== undefined && trim(first) !== BEGIN) return `The first line of the patch must be '${BEGIN}'`;
  const last = lines.at(-1);
  if (last === undefined || trim(last) !== END) return `The last line of the patch must be '${END}'`;
  return undefined;
}

function withoutHeredoc(lines: readonly string[]): string[] | undefined {
  const isHeredoc =
    lines.length >= HEREDOC_MIN_LINES &&
    HEREDOC_BEGINS.includes(lines[0] ?? "") &&
    (lines.at(-1) ?? "").endsWith(HEREDOC_END);
  return isHeredoc ? linesOf(trim(lines.slice(1, -1).join("\n"))) : undefined;
}

/** Reads the lines between the first and the last one. */
class PatchReader {
  readonly #lines: readonly string[];
  #at = 1;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  read(): Patch {
    const environmentId = this.#environment();
    const hunks: PatchHunk[] = [];
    while (this.#line !== undefined) {
      const header = trim(this.#line);
      if (header === END) {
        if (this.#lines.slice(this.#at + 1, -1).every((line) => trim(line) === "")) break;
        throw new PatchError("syntax", `Invalid patch: The last line of the patch must be '${END}'`);
      }
      hunks.push(this.#hunk(header));
    }
    return { environmentId, hunks };
  }

  /** The line that is next; undefined after the last one. */
  get #line(): string | undefined {
    return this.#lines[this.#at];
  }

  #environment(): string | undefined {
    const header = trim(this.#line ?? "");
    if (!header.startsWith(ENVIRONMENT)) return undefined;
    const id = trim(header.slice(ENVIRONMENT.length));
    if (id === "") throw new PatchError("syntax", "Invalid patch: apply_patch environment_id cannot be empty");
    this.#at += 1;
    if (trim(this.#line ?? "").startsWith(ENVIRONMENT)) {
      throw new PatchError("syntax", "Invalid patch: apply_patch environment_id cannot be specified more than once");
    }
    return id;
  }

  #hunk(header: string): PatchHunk {
    if (header.startsWith(ADD)) return this.#add(header.slice(ADD.length));
    if (header.startsWith(DELETE)) {
      this.#at += 1;
      return { kind: "delete", path: header.slice(DELETE.length) };
    }
    if (header.startsWith(UPDATE)) return this.#update(header.slice(UPDATE.length));
    throw this.#problem(`'${header}' is not a valid hunk header. Valid hunk headers: ${HEADERS}`);
  }

  #add(path: string): PatchHunk {
    const added: string[] = [];
    this.#at += 1;
    while (this.#line?.startsWith("+")) {
      added.push(`${this.#line.slice(1)}\n`);
      this.#at += 1;
    }
    return { kind: "add", path, content: added.join("") };
  }

  #update(path: string): PatchHunk {
    const headerAt = this.#at;
    this.#at += 1;
    const moveTo = this.#move();
    const chunks: PatchChunk[] = [];
    for (;;) {
      this.#skipNothing(chunks.at(-1));
      if (this.#isHeader()) break;
      chunks.push(this.#chunk({ isFirst: chunks.length === 0 }));
    }
    if (chunks.length > 0) return { kind: "update", path, moveTo, chunks };
    throw this.#problem(`Update file hunk for path '${path}' is empty`, headerAt);
  }

  /** Between chunks: the end of a file that nothing was said of, and blank lines behind the end of one. */
  #skipNothing(before: PatchChunk | undefined): void {
    const isNothing = (line: string): boolean =>
      before === undefined ? trimEnd(line) === END_OF_FILE : before.isEndOfFile && trim(line) === "";
    while (this.#line !== undefined && isNothing(this.#line)) this.#at += 1;
  }

  #move(): string | undefined {
    const line = trimEnd(this.#line ?? "");
    if (!line.startsWith(MOVE)) return undefined;
    this.#at += 1;
    return line.slice(MOVE.length);
  }

  /** What ends an update stands at the very beginning of a line: behind a space it would be a line of the file. */
  #isHeader(): boolean {
    const line = trimEnd(this.#line ?? END);
    return line === END || [ADD, DELETE, UPDATE].some((header) => line.startsWith(header));
  }

  #isEndOfFile(): boolean {
    return trimEnd(this.#line ?? "") === END_OF_FILE;
  }

  #chunk({ isFirst }: { readonly isFirst: boolean }): PatchChunk {
    const context = this.#context(isFirst);
    const lines: PatchLine[] = [];
    for (let line = lineOf(this.#line); line !== undefined; line = lineOf(this.#line)) {
      lines.push(line);
      this.#at += 1;
    }
    const isEndOfFile = this.#isEndOfFile();
    if (lines.length > 0) {
      if (isEndOfFile) this.#at += 1;
      return { context, lines, isEndOfFile };
    }
    if (isEndOfFile || trimEnd(this.#line ?? END) === END)
      throw this.#problem("Update hunk does not contain any lines");
    const known = "Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)";
    const line = this.#isHeader() ? trimEnd(this.#line ?? "") : this.#line;
    throw this.#problem(`Unexpected line found in update hunk: '${line}'. ${known}`);
  }

  #context(isFirst: boolean): string | undefined {
    const line = trimEnd(this.#line ?? "");
    if (line === CONTEXT || line.startsWith(CONTEXT_WITH_LINE)) {
      this.#at += 1;
      return line === CONTEXT ? undefined : line.slice(CONTEXT_WITH_LINE.length);
    }
    if (isFirst) return undefined;
    throw this.#problem(`Expected update hunk to start with a @@ context marker, got: '${this.#line}'`);
  }

  #problem(what: string, at = this.#at): PatchError {
    const line = at + 1;
    return new PatchError("syntax", `Invalid patch hunk on line ${line}: ${what}`, { line });
  }
}

/** Undefined for what is no line of an update. */
function lineOf(line: string | undefined): PatchLine | undefined {
  if (line === undefined) return undefined;
  if (line === "") return { kind: "context", text: "" };
  const text = line.slice(1);
  if (line.startsWith(" ")) return { kind: "context", text };
  if (line.startsWith("+")) return { kind: "add", text };
  if (line.startsWith("-")) return { kind: "remove", text };
  return undefined;
}
