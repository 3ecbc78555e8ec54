import { compilePathGlobs, displayPath, type PathGlobState, toNativeBytes } from "@holdfast/path-uri";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { FIND_OUTPUT_MAX_BYTES } from "../limits.ts";
import { byteString } from "./byte-string.ts";
import { type Place, placesBelow } from "./place-below.ts";
import { findOnExecutor } from "./remote-find.ts";
import { type RunProgram, runScript } from "./remote-script.ts";
import { type GlobRequest, type TextRequest, type TreeRequest, throwIfAborted } from "./search-request.ts";
import type { GlobEntry, SearchMatch } from "./search-types.ts";

/** Longest part of a line that is told. */
const MAX_TEXT_CHARACTERS = 1_024;

/** Match paths here, in the list that GNU `find` makes of all of them. */
export async function* globByCommand(run: RunProgram, request: GlobRequest): AsyncGenerator<GlobEntry> {
  const { root, kinds, limit, followSymlinks, call } = request;
  const found = await findOnExecutor(run, root, { recursive: true, followSymlinks }, call);
  const isWanted = filterOf(request);
  const place = placesBelow(root);
  let left = limit;
  for (const { name, kind } of found.sort(inTreeOrder)) {
    if (name === "" || !isWanted(name) || (kinds !== undefined && !kinds.includes(kind))) continue;
    if (left <= 0) return;
    left -= 1;
    throwIfAborted(request);
    yield { ...place(name), kind };
  }
}

/** Folder, `-r` or `-R`, text, `-i` or nothing. Says `GNU` first: others take the options for something else. */
const GREP = `
cd -- "$1" || exit
case $(grep --version 2>/dev/null) in *GNU*) echo GNU ;; *) exit 0 ;; esac
grep "$2" -n -I -Z -F \${4:+"$4"} -e "$3" -- . 2>/dev/null || :
`;
const GNU = "GNU\n";

/** Find text by GNU `grep`; no other program has the regular expressions of ECMAScript. */
export async function* searchByCommand(run: RunProgram, request: TextRequest): AsyncGenerator<SearchMatch> {
  const { root, pattern, isRegex, ignoreCase, followSymlinks, maxMatches, call, onProblem } = request;
  if (isRegex)
    throw new UnsupportedError("fs.search with a RegExp", "the capability `holdfastSearch`; a text can be searched");
  const words = [toNativeBytes(root), followSymlinks ? "-R" : "-r", pattern, ignoreCase ? "-i" : ""];
  const about = { ...call, path: displayPath(root) };
  const printed = await runScript(run, GREP, words, about, { maxOutputBytes: FIND_OUTPUT_MAX_BYTES });
  const text = byteString(printed);
  if (!text.startsWith(GNU))
    throw new UnsupportedError(call.method, "the capability `holdfastSearch`, and a GNU `grep`");
  if (printed.byteLength >= FIND_OUTPUT_MAX_BYTES) {
    const message = `the lines that match have more than ${FIND_OUTPUT_MAX_BYTES} bytes; the rest is missing`;
    onProblem?.({ path: displayPath(root), message });
  }
  const isWanted = filterOf(request);
  const place = placesBelow(root);
  let left = maxMatches;
  const lines = [...linesOf(text.slice(GNU.length))].sort(inTreeOrder);
  for (const { name, lineNumber, line } of lines) {
    if (!isWanted(name)) continue;
    if (left <= 0) return;
    left -= 1;
    throwIfAborted(request);
    yield matchIn(place(name), lineNumber, line, { pattern, ignoreCase });
  }
}

interface PrintedLine {
  readonly name: string;
  readonly lineNumber: number;
  readonly line: string;
}

/** `./NAME`, NUL, number, colon, line: a name may have line feeds, and a line has no NUL. */
function* linesOf(text: string): Generator<PrintedLine> {
  for (let at = 0; at < text.length; ) {
    const nul = text.indexOf("\0", at);
    const colon = text.indexOf(":", nul);
    const end = text.indexOf("\n", colon);
    // The last one may have been cut off.
    if (nul < 0 || colon < 0 || end < 0) return;
    yield {
      name: text.slice(at + 2, nul),
      lineNumber: Number(text.slice(nul + 1, colon)),
      line: text.slice(colon + 1, end),
    };
    at = end + 1;
  }
}

function matchIn(
  place: Place,
  lineNumber: number,
  bytes: string,
  { pattern, ignoreCase }: Pick<TextRequest, "pattern" | "ignoreCase">,
): SearchMatch {
  const raw = Uint8Array.from(bytes, (character) => character.charCodeAt(0));
  const line = new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw).replace(/\r$/, "");
  const found = ignoreCase ? line.toLowerCase().indexOf(pattern.toLowerCase()) : line.indexOf(pattern);
  const index = Math.max(0, found);
  const lead = Math.max(0, Math.min(index - (MAX_TEXT_CHARACTERS >> 2), line.length - MAX_TEXT_CHARACTERS));
  const from = line.length <= MAX_TEXT_CHARACTERS ? 0 : lead;
  const text = line.slice(from, from + MAX_TEXT_CHARACTERS).replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, "\uFFFD");
  return { ...place, lineNumber, column: index + 1, length: pattern.length, text, textColumn: from + 1 };
}

/** A folder before what lies in it, names in byte order. */
function inTreeOrder(a: { readonly name: string }, b: { readonly name: string }): number {
  const [left, right] = [a.name.replaceAll("/", "\0"), b.name.replaceAll("/", "\0")];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

interface Matching {
  readonly wanted: PathGlobState;
  readonly ignored: PathGlobState;
  readonly isIgnored: boolean;
}

/** Whether a path below the root, one character per byte, is asked for. What lies in a folder that is left out is left out. */
function filterOf({ patterns, ignore, includeHidden }: TreeRequest): (name: string) => boolean {
  const wanted = compilePathGlobs(patterns, { matchHidden: includeHidden });
  const ignored = compilePathGlobs(ignore, { matchHidden: true });
  const folders = new Map<string, Matching>([["", { wanted: wanted.start, ignored: ignored.start, isIgnored: false }]]);
  const matching = (name: string): Matching => {
    const known = folders.get(name);
    if (known !== undefined) return known;
    const cut = name.lastIndexOf("/");
    const above = matching(cut < 0 ? "" : name.slice(0, cut));
    const last = textOf(name.slice(cut + 1));
    const states = { wanted: wanted.advance(above.wanted, last), ignored: ignored.advance(above.ignored, last) };
    const found = { ...states, isIgnored: above.isIgnored || ignored.isMatch(states.ignored) };
    folders.set(name, found);
    return found;
  };
  return (name) => {
    const found = matching(name);
    return !found.isIgnored && wanted.isMatch(found.wanted);
  };
}

function textOf(name: string): string {
  return new TextDecoder().decode(Uint8Array.from(name, (character) => character.charCodeAt(0)));
}
