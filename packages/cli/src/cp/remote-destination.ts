import { randomUUID } from "node:crypto";
import { acrossLines, type Executor, isNotFound } from "@holdfast/exec-client";
import { join, type PathUri, parent, toNativePath } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { remotePath } from "../executor/remote-path.ts";
import { copyFailure, refuseFolder, refuseTarget } from "./copy-failure.ts";
import type { Endpoint } from "./endpoint.ts";

/** Where a file on the executor will be, and where it is until it is whole. */
export interface RemoteDestination {
  readonly final: PathUri;
  /** Beside it, so that putting it in place is a rename. */
  readonly temporary: PathUri;
}

/**
 * `chmod` where a mode is known, then the rename. No path is ever part of the script. An attempt whose answer was lost may
 * have done it: then there is nothing to rename any more.
 */
const PLACE = `
[ -z "$4" ] || [ -e "$2" ] || [ ! -e "$3" ] || exit 0
[ -z "$1" ] || chmod "$1" "$2" 2>/dev/null
mv -f "$2" "$3"`;

/**
 * Settle the final name: into a folder under the source's name, through a link to its target.
 *
 * @throws CommandFailure it is, or would replace, a folder.
 */
export async function remoteDestination(
  executor: Executor,
  endpoint: Endpoint,
  sourceName: string,
): Promise<RemoteDestination> {
  const asked = remotePath(endpoint.path, executor.environment, endpoint.text);
  const isFolder = (await kindOf(executor, asked, endpoint)) === "folder";
  if (!isFolder && /[\\/]$/.test(endpoint.path)) throw new CommandFailure(`${endpoint.text} is no folder`);
  const named = isFolder ? join(asked, sourceName) : asked;
  const kind = isFolder ? await kindOf(executor, named, endpoint) : await kindOf(executor, asked, endpoint);
  if (kind === "folder") throw refuseFolder(`${endpoint.text}/${sourceName}`);
  const final = kind === "absent" ? named : await executor.fs.canonicalize(named);
  const folder = parent(final);
  if (folder === undefined) throw refuseFolder(endpoint.text);
  return { final, temporary: join(folder, `.holdfast-${randomUUID()}`) };
}

/** What is at a place on the executor. @throws CommandFailure it is something else, or can not be told. */
export async function kindOf(
  executor: Executor,
  path: PathUri,
  { text }: Endpoint,
  refuse: (text: string) => CommandFailure = refuseTarget,
): Promise<"folder" | "file" | "absent"> {
  try {
    const { isDirectory, isFile } = await executor.fs.metadata(path);
    if (!isDirectory && !isFile) throw refuse(text);
    return isDirectory ? "folder" : "file";
  } catch (error) {
    if (isNotFound(error)) return "absent";
    throw copyFailure(`cannot look at ${text}`, error);
  }
}

/**
 * Put the whole file under its final name, at once.
 *
 * @param mode - Permission bits to give it; undefined leaves those it has.
 */
export async function putInPlace(
  executor: Executor,
  { final, temporary }: RemoteDestination,
  mode: number | undefined,
): Promise<void> {
  if (executor.environment.pathConvention === "windows") {
    await executor.fs.copy(temporary, final);
    await executor.fs.remove(temporary, { force: true });
    return;
  }
  const [from, to] = [temporary, final].map((uri) => toNativePath(uri, "posix"));
  const argv = ["/bin/sh", "-c", PLACE, "sh", mode === undefined ? "" : mode.toString(8), from ?? "", to ?? ""];
  const { exitCode, stderr } = await acrossLines((isAgain) =>
    executor.run([...argv, isAgain ? "again" : ""], { cwd: "/" }),
  );
  if (exitCode !== 0)
    throw new CommandFailure(`cannot rename it into place: ${stderr.trim() || `mv ended with ${exitCode}`}`);
}
