import {
  displayPath,
  type PathUri,
  parent,
  pathUriFromNativeBytes,
  startsWith,
  toNativeBytes,
} from "@holdfast/path-uri";
import { FileError } from "../errors/file-error.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import type { EntryCall, EntryPort } from "./entry-port.ts";
import { type RunProgram, runScript, type ScriptCall } from "./remote-script.ts";
import { statsOf } from "./told-stats.ts";
import type { FileAttributes } from "./types.ts";

/*
 * Scripts for the GNU commands of a Linux executor that has no methods for these. Every word is an argument, in quotes, behind
 * `--`; paths are absolute.
 */

/** Path, `follow` or `keep`, format. Prints what `stat` says, whether it is a link, and of a link what it leads to and says. */
const STAT = `
link=0
[ ! -L "$1" ] || link=1
if [ "$2" = follow ]; then stat -L -c "$3" -- "$1" || exit; else stat -c "$3" -- "$1" || exit; fi
echo "$link"
[ "$link" = 0 ] || [ "$2" = follow ] || { stat -L -c %f -- "$1" 2>/dev/null || echo -; readlink -n -- "$1"; }
`;
const READ_LINK = `exec readlink -n -v -- "$1"`;
const SYMBOLIC_LINK = `exec ln -s -T -- "$1" "$2"`;
const HARD_LINK = `exec ln -P -T -- "$1" "$2"`;
/**
 * Source, destination, its folder, the home, `replace` or `keep`. A folder takes the place of an empty one alone, which is made for it, and
 * anything else gets a second name. Between file systems \`mv\` would copy, and must not begin to. What is the home under
 * another name is found by what it is.
 */
const RENAME = `
from=$(stat -c %d -- "$1") && to=$(stat -L -c %d -- "$3") || exit
for each in "$1" "$2"; do
  if [ ! -L "$each" ] && { [ "$each" -ef / ] || [ -n "$4" ] && [ "$each" -ef "$4" ]; }; then
    echo 'it is the root or the home of the user, which must not be renamed or replaced' >&2
    exit 1
  fi
done
[ "$from" = "$to" ] || { echo 'mv: Invalid cross-device link' >&2; exit 1; }
if [ "$5" = replace ]; then exec mv -f -T -- "$1" "$2"; fi
if [ -d "$1" ] && [ ! -L "$1" ]; then
  mkdir -- "$2" || exit
  mv -f -T -- "$1" "$2" && exit
  rmdir -- "$2"
  exit 1
fi
ln -P -T -- "$1" "$2" && rm -f -- "$1"
`;
/** Path, `follow` or `keep`, then owner, mode, size and the two times, each `-` when it stays. */
const SET_ATTRIBUTES = `
keep=
if [ "$2" = follow ]; then stat -L -c %f -- "$1" >/dev/null || exit; else stat -c %f -- "$1" >/dev/null || exit; keep=-h; fi
if [ -n "$keep" ] && [ -L "$1" ] && { [ "$4" != - ] || [ "$5" != - ]; }; then
  echo 'chmod: a link has no mode and no size of its own: Invalid argument' >&2
  exit 1
fi
[ "$3" = - ] || chown $keep -- "$3" "$1" || exit
[ "$4" = - ] || chmod -- "$4" "$1" || exit
[ "$5" = - ] || truncate -c -s "$5" -- "$1" || exit
[ "$6" = - ] || touch -c $keep -a -d "$6" -- "$1" || exit
[ "$7" = - ] || touch -c $keep -m -d "$7" -- "$1"
`;
/** Path, bytes that come on the standard input. */
const APPEND = `
if [ -d "$1" ]; then echo 'sh: Is a directory' >&2; exit 1; fi
if [ -e "$1" ] && [ ! -f "$1" ]; then echo 'sh: it is no regular file: Invalid argument' >&2; exit 1; fi
exec head -c "$2" >>"$1"
`;
/** Folder without a slash at its end, beginning of the name. */
const TEMPORARY_FOLDER = `exec mktemp -d -- "\${1%/}/$2XXXXXX"`;
/** A whole file beside the place, the place, permission bits or `-`. */
const PLACE_NEW = `
[ "$3" = - ] || chmod -- "$3" "$1" || exit
ln -P -T -- "$1" "$2"
code=$?
rm -f -- "$1"
exit "$code"
`;

const STAT_FORMAT = "%f %s %u %g %h %i %d %.3X %.3Y %.3Z %.3W";
const LINE_FEED = 0x0a;

/** What the commands need to know of their executor. */
export interface CommandHost {
  readonly run: RunProgram;
  /** Of the user, where the executor tells. */
  readonly home: PathUri | undefined;
}

/** Operations by the commands of a Linux executor that lacks the capability `holdfastFiles`. */
export function commandEntries({ run, home }: CommandHost): EntryPort {
  return {
    async stat(path, { followSymlinks }, call) {
      const words = [bytesOf(path), followWord(followSymlinks), STAT_FORMAT];
      const stats = statsOf(await runScript(run, STAT, words, about(call, path)));
      if (stats === undefined) throw new UnsupportedError(call.method, "holdfastFiles, and a `stat` of GNU coreutils");
      return stats;
    },
    async readLink(path, call) {
      return Uint8Array.from(await runScript(run, READ_LINK, [bytesOf(path)], about(call, path)));
    },
    async symlink(target, path, call) {
      await runScript(run, SYMBOLIC_LINK, [target, bytesOf(path)], about(call, path));
    },
    async link(existing, path, call) {
      await runScript(run, HARD_LINK, [bytesOf(existing), bytesOf(path)], about(call, existing, path));
    },
    async rename(source, destination, { noReplace }, call) {
      for (const path of [source, destination]) refuseHome(path, home, about(call, source, destination));
      const folder = parent(destination) ?? destination;
      const words = [bytesOf(source), bytesOf(destination), bytesOf(folder), home === undefined ? "" : bytesOf(home)];
      words.push(noReplace ? "keep" : "replace");
      await runScript(run, RENAME, words, about(call, source, destination));
    },
    async setAttributes(path, attributes, { followSymlinks }, call) {
      const words = [bytesOf(path), followWord(followSymlinks), ...wordsOf(attributes)];
      await runScript(run, SET_ATTRIBUTES, words, about(call, path));
    },
    async append(path, data, call) {
      const words = [bytesOf(path), String(data.byteLength)];
      await runScript(run, APPEND, words, about(call, path), data.byteLength === 0 ? {} : { input: data });
    },
    async makeTemporaryFolder(folder, prefix, call) {
      const made = await runScript(run, TEMPORARY_FOLDER, [bytesOf(folder), prefix], about(call, folder));
      return pathUriFromNativeBytes(made.at(-1) === LINE_FEED ? made.subarray(0, -1) : made);
    },
  };
}

/** Give a whole file its name, where nothing may have it, and take its other name away in any case. */
export async function placeNew(
  { run }: Pick<CommandHost, "run">,
  file: PathUri,
  place: PathUri,
  { mode, ...call }: EntryCall & { readonly mode: number | undefined },
): Promise<void> {
  await runScript(run, PLACE_NEW, [bytesOf(file), bytesOf(place), octal(mode)], about(call, place));
}

function about(call: EntryCall, path: PathUri, destination?: PathUri): ScriptCall {
  return { ...call, path: displayPath(path), destination: destination && displayPath(destination) };
}

function bytesOf(path: PathUri): Uint8Array {
  return toNativeBytes(path);
}

function followWord(followSymlinks: boolean): string {
  return followSymlinks ? "follow" : "keep";
}

function wordsOf({ uid, gid, mode, size, accessedAtMs, modifiedAtMs }: FileAttributes): string[] {
  const owner = uid === undefined && gid === undefined ? "-" : `${uid ?? ""}:${gid ?? ""}`;
  return [owner, octal(mode), size === undefined ? "-" : String(size), time(accessedAtMs), time(modifiedAtMs)];
}

/** With five digits, as with fewer GNU `chmod` leaves a folder the bits for its user and group that it has. */
function octal(mode: number | undefined): string {
  return mode === undefined ? "-" : mode.toString(8).padStart(5, "0");
}

function time(ms: number | undefined): string {
  return ms === undefined ? "-" : `@${(ms / 1_000).toFixed(3)}`;
}

/** The root, the home and what contains it stay where they are, also on executors that know no such rule. */
function refuseHome(path: PathUri, home: PathUri | undefined, call: ScriptCall): void {
  const isAbove = parent(path) === undefined || (home !== undefined && startsWith(home, path));
  if (!isAbove) return;
  const reason = "it is the root, or the user's home directory or contains it, and must not be renamed or replaced";
  const { method, destination } = call;
  throw new FileError(`refused: ${reason}, ${method} '${displayPath(path)}'`, {
    code: "refused",
    method,
    path: call.path,
    destination,
  });
}
