import { randomUUID } from "node:crypto";
import { acrossLines, type Executor } from "@holdfast/exec-client";
import { join, type PathUri, parent, toNativeBytes } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { remotePath } from "../executor/remote-path.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Problems } from "./problems.ts";
import { kindOf } from "./remote-destination.ts";

/** Where a folder on the executor will be, and where it is until it is whole. */
export interface RemoteFolder {
  readonly final: PathUri;
  readonly parent: PathUri;
  /** Beside it, so that putting it in place is a rename. */
  readonly staged: PathUri;
  /** Name of `staged`. */
  readonly stagedName: string;
}

/** `DIR` and `DIR/.` differ as they do for `cp`: the folder itself, or what is in it. */
export const meansContents = (path: string): boolean => /(^|[\\/])\.[\\/]?$/.test(path);

/** Settle the final name: into a folder under the source's name, unless only what is in it is meant. */
export async function remoteFolder(
  executor: Executor,
  endpoint: Endpoint,
  source: { readonly name: string; readonly isContents: boolean },
): Promise<RemoteFolder> {
  const asked = remotePath(endpoint.path.replace(/(.)[\\/]+$/, "$1"), executor.environment, endpoint.text);
  const isThere = (await kindOf(executor, asked, endpoint)) === "folder";
  const named = isThere && !source.isContents ? join(asked, source.name) : asked;
  const kind = await kindOf(executor, named, endpoint);
  if (kind === "file") throw new CommandFailure(`${endpoint.text} is a file: a folder can not take its place`);
  const final = kind === "absent" ? named : await executor.fs.canonicalize(named);
  const above = parent(final);
  if (above === undefined) throw new CommandFailure("the root can not be written as a whole; name a folder in it");
  const stagedName = `.holdfast-${randomUUID()}`;
  return { final, parent: above, staged: join(above, stagedName), stagedName };
}

/** Where the lists for `settleRemoteFolder` are: files of paths that each end with a NUL. */
export const listsOf = (folder: RemoteFolder): PathUri => join(folder.parent, `${folder.stagedName}.lists`);

/** Remove what was staged, however far it came. Never rejects. */
export async function discardRemoteFolder(executor: Executor, folder: RemoteFolder): Promise<void> {
  const remove = (path: PathUri): Promise<void> =>
    acrossLines(() => executor.fs.remove(path, { recursive: true, force: true }));
  await Promise.allSettled([remove(folder.staged), remove(listsOf(folder))]);
}

/**
 * Makes the links, sets the modes of files, and puts the folder in place: by one rename where nothing is there, else file
 * by file, each by a rename. Modes of folders come last, because one that may not be written takes no files. Says `mode`
 * where modes could not be set. Arguments: the staged name, the final name for `printf %b`, the mode of the folder, and
 * `again` where an attempt before may have done any part of it.
 */
const SETTLE = `
staged=$1 mode=$3 again=$4 here=$PWD failed=0
lists=$here/$1.lists
final=$(printf '%b_' "$2")
final=$here/\${final%_}
if [ -z "$again" ] || [ -d "./$staged" ]; then
  cd "./$staged" || exit
  if [ -e "$lists/links" ]; then
    xargs -0 -n 200 sh -c 'while [ "$#" -gt 0 ]; do [ -L "$2" ] || ln -s -- "$1" "$2" || failed=1; shift 2; done; exit \${failed:-0}' sh <"$lists/links" || failed=1
  fi
  for list in "$lists"/mode-*; do
    [ -e "$list" ] || continue
    if [ -z "$again" ]; then xargs -0 chmod "\${list##*/mode-}" <"$list"
    else xargs -0 sh -c 'mode=$1; shift; for each; do [ ! -e "$each" ] || chmod "$mode" "$each" || failed=1; done; exit \${failed:-0}' sh "\${list##*/mode-}" <"$list"
    fi 2>/dev/null || echo mode
  done
  if [ -e "$final" ]; then
    find . -type d -exec sh -c 'to=$1; shift; for each; do [ -d "$to/$each" ] || mkdir "$to/$each" || failed=1; done; exit \${failed:-0}' sh "$final" {} + || failed=1
    find . ! -type d -exec sh -c '
      to=$1; shift
      for each; do
        if [ -d "$to/$each" ]; then echo "$each: is a folder there" >&2; failed=1
        else mv -f "$each" "$to/$each" || failed=1; fi
      done
      exit \${failed:-0}' sh "$final" {} + || failed=1
  else
    [ -z "$mode" ] || chmod "$mode" .
    cd "$here" && mv "./$staged" "$final" || exit
  fi
fi
if [ -e "$lists/folders" ]; then
  cd "$final" && xargs -0 -n 200 sh -c 'while [ "$#" -gt 0 ]; do chmod "$1" "$2" || failed=1; shift 2; done; exit \${failed:-0}' sh <"$lists/folders" 2>/dev/null || echo mode
fi
exit $failed`;

/** Put a staged folder under its final name. What could not be moved is a problem. */
export async function settleRemoteFolder(
  executor: Executor,
  folder: RemoteFolder,
  { mode, problems }: { readonly mode: number | undefined; readonly problems: Problems },
): Promise<void> {
  if (executor.environment.pathConvention === "windows") {
    await executor.fs.copy(folder.staged, folder.final, { recursive: true });
    return;
  }
  const args = [folder.stagedName, escapedName(folder.final), mode?.toString(8) ?? ""];
  const argv = ["/bin/sh", "-c", SETTLE, "sh", ...args];
  const { exitCode, stdout, stderr } = await acrossLines((isAgain) =>
    executor.run([...argv, isAgain ? "again" : ""], { cwd: folder.parent }),
  );
  if (stdout.includes("mode")) problems.warn("not all permission bits could be set on the executor");
  const lines = stderr.split("\n").filter((line) => line !== "");
  for (const line of lines) problems.report(`cannot put in place: ${line}`);
  if (exitCode !== 0 && lines.length === 0) problems.report(`cannot put in place: sh ended with ${exitCode}`);
}

/** The last name of a path, as `printf %b` writes it out: arguments are text and names are bytes. */
function escapedName(uri: PathUri): string {
  const path = Buffer.from(toNativeBytes(uri));
  const name = path.subarray(path.lastIndexOf(0x2f) + 1);
  return [...name].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
}
