import { type PathUri, toNativeBytes } from "@holdfast/path-uri";
import type { Executor } from "../executor.ts";
import { scriptArgv } from "../filesystem/remote-script.ts";

/** What the scripts end with when nothing was read, written or made: the folder has to be moved in another way. */
export const NOT_BY_TAR = 97;

/**
 * Folder. An archive of what is in it on stdout. Fractions of a second need pax headers, which not every `tar` writes.
 */
const PACK = `
command -v tar >/dev/null 2>&1 && cd -- "$1" || exit ${NOT_BY_TAR}
if tar --format=pax --version >/dev/null 2>&1; then exec tar --format=pax -c -f - .; fi
exec tar -c -f - .
`;

/**
 * Folder that the new one will be in, without links; its name in there; permission bits, or `-`. The archive on stdin. It is
 * unpacked aside, and gets its name by one rename; nothing is left when that fails. An executor that has lost its client kills the whole
 * group of the command: what has left the group sees to it then.
 */
const UNPACK = `
for each in tar mktemp chmod mv rm; do command -v "$each" >/dev/null 2>&1 || exit ${NOT_BY_TAR}; done
umask 077
cd -- "$1" && [ "$(pwd -P)" = "$1" ] || exit ${NOT_BY_TAR}
staged=$(mktemp -d ./.holdfast-XXXXXXXXXXXXXXXX) || exit ${NOT_BY_TAR}
trap 'chmod -R u+rwx "$staged" 2>/dev/null; rm -rf -- "$staged"' EXIT
trap 'exit 1' HUP INT TERM PIPE
if command -v setsid >/dev/null 2>&1; then
  setsid sh -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done
[ ! -d "$2" ] || { chmod -R u+rwx "$2"; rm -rf -- "$2"; }' sh "$$" "$staged" </dev/null >/dev/null 2>&1 &
fi
( cd -- "$staged" && [ -O . ] && tar -x -o -p -f - ) || exit 1
[ "$3" = - ] || chmod -- "$3" "$staged" || exit 1
if [ -e "./$2" ] || [ -L "./$2" ]; then echo 'something has its name by now' >&2; exit 1; fi
mv -T -- "$staged" "./$2" && trap - EXIT
`;

/** Whether an executor has a POSIX shell to ask for `tar`. Old ones do not tell their system: those with such paths are tried. */
export function mayHaveTar({ environment: { platformOs, pathConvention } }: Executor): boolean {
  return platformOs === "linux" || (platformOs === undefined && pathConvention === "posix");
}

export function packCommand(folder: PathUri): readonly string[] {
  return scriptArgv(PACK, [toNativeBytes(folder)]);
}

/** @param folder - Without links: it is looked at again by who unpacks there. */
export function unpackCommand(
  folder: PathUri,
  { name, mode }: { readonly name: Uint8Array; readonly mode: number | undefined },
): readonly string[] {
  return scriptArgv(UNPACK, [toNativeBytes(folder), name, mode === undefined ? "-" : mode.toString(8)]);
}
