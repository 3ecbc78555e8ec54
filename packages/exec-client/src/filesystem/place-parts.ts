import { type PathUri, toNativeBytes } from "@holdfast/path-uri";
import { acrossLines } from "../across-lines.ts";
import { FileTransferError } from "../errors.ts";
import type { FilePart } from "./file-parts.ts";

/** Where a file will be, and the name that its parts have before their numbers. */
export interface PlacedNames {
  readonly folder: PathUri;
  readonly final: PathUri;
  /** In the same folder, so that putting it in place is a rename. */
  readonly base: string;
}

/** Runs a program on the executor to its end. */
export type RunProgram = (
  argv: readonly string[],
  cwd: PathUri,
) => Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }>;

/**
 * Joins the parts, gives the file its mode and renames it. Arguments: `again` where an attempt before may have done any part
 * of it, the name of the parts, the final name, a mode or nothing (then the mode of what is replaced), all bytes, and number
 * and bytes of every part. No path is part of the script; the final name is written for `printf %b`, because arguments are
 * text and names are bytes. On the way out it says whether the mode could be set.
 *
 * A part is removed once it is joined: those that are gone are skipped, but only before the first that is there. So an
 * attempt that still runs makes this one fail by the count of bytes, and never mixes them.
 */
const PLACE = `
again=$1
shift
final=$(printf '%b_' "$2")
base=$1 final=./\${final%_} mode=$3 total=$4 whole=$1.$5
fail() { echo "$*" >&2; exit 1; }
modeOf() { stat -L -c %a "$1" 2>/dev/null || stat -L -f %Lp "$1" 2>/dev/null; }
if [ -n "$again" ] && [ -e "$final" ] && [ ! -e "$whole" ]; then
  [ -z "$mode" ] || [ "$(modeOf "$final")" = "$mode" ] || echo mode
  exit 0
fi
if [ "$#" -gt 6 ]; then
  joined=$6
  shift 6
  while [ -n "$again" ] && [ "$#" -gt 0 ] && [ ! -e "$base.$1" ]; do
    joined=$((joined + $2))
    shift 2
  done
  [ "$(wc -c <"$whole")" -ge "$joined" ] || fail "the parts can not be joined: one is too short"
  dd if=/dev/null of="$whole" bs=1 seek="$joined" 2>/dev/null || fail "the parts can not be joined"
  while [ "$#" -gt 0 ]; do
    head -c "$2" "$base.$1" >>"$whole" && rm -f "$base.$1" || exit 1
    shift 2
  done
  [ "$(wc -c <"$whole")" -eq "$total" ] || fail "the parts do not have $total bytes"
fi
[ ! -d "$final" ] || fail "Is a directory (os error 21)"
if [ -e "$final" ]; then
  [ -w "$final" ] || fail "Permission denied (os error 13)"
  [ -n "$mode" ] || mode=$(modeOf "$final")
fi
[ -z "$mode" ] || chmod "$mode" "$whole" 2>/dev/null || echo mode
mv -f "$whole" "$final" || { [ -n "$again" ] && [ ! -e "$whole" ]; }`;

/**
 * Put a file whose parts are complete under its final name, at once.
 *
 * @param options.mode - Permission bits; undefined: those of the file it replaces, or what a new file has there.
 * @returns whether it has the mode.
 * @throws FileTransferError - `not-placed`.
 */
export const placeParts = async (
  run: RunProgram,
  { folder, final, base }: PlacedNames,
  { parts, mode }: { readonly parts: readonly FilePart[]; readonly mode: number | undefined },
): Promise<boolean> => {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const names = [base, escapedName(final)];
  const numbers = parts.flatMap(({ index, bytes }) => [String(index), String(bytes)]);
  const args = [...names, mode?.toString(8) ?? "", String(total), ...numbers];
  const { exitCode, stdout, stderr } = await acrossLines((isAgain) =>
    run(["/bin/sh", "-c", PLACE, "sh", isAgain ? "again" : "", ...args], folder),
  );
  if (exitCode === 0) return !stdout.startsWith("mode");
  const why = stderr.trim().split("\n").at(-1) || `sh ended with ${exitCode}`;
  throw new FileTransferError("not-placed", `cannot put the file in place: ${why}`);
};

/** The last name of a path, as `printf %b` writes it out. */
const escapedName = (uri: PathUri): string => {
  const path = Buffer.from(toNativeBytes(uri));
  const name = path.subarray(path.lastIndexOf(0x2f) + 1);
  return [...name].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
};
