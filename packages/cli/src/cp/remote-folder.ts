import type { Executor, FolderMode, StagedTree } from "@holdfast/exec-client";
import { displayPath, join, type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { remotePath } from "../executor/remote-path.ts";
import { copyFailure } from "./copy-failure.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Problems } from "./problems.ts";
import { kindOf } from "./remote-destination.ts";
import { foldersOf, joinBytes, type TreeEntry } from "./tree-entry.ts";

/** `DIR` and `DIR/.` differ as they do for `cp`: the folder itself, or what is in it. */
export const meansContents = (path: string): boolean => /(^|[\\/])\.[\\/]?$/.test(path);

/** Settle the final name: into a folder under the source's name, unless only what is in it is meant. */
export async function remoteFolder(
  executor: Executor,
  endpoint: Endpoint,
  source: { readonly name: string; readonly isContents: boolean },
): Promise<PathUri> {
  const asked = remotePath(endpoint.path.replace(/(.)[\\/]+$/, "$1"), executor.environment, endpoint.text);
  const kind = await kindOf(executor, asked, endpoint);
  if (kind === "file") throw refuseFile(endpoint);
  if (kind === "absent" || source.isContents) return asked;
  const named = join(asked, source.name);
  if ((await kindOf(executor, named, endpoint)) === "file") throw refuseFile(endpoint);
  return named;
}

/** A path below a folder on the executor. */
export const below = (folder: PathUri, path: Buffer): PathUri =>
  path.byteLength === 0 ? folder : pathUriFromNativeBytes(joinBytes(Buffer.from(toNativeBytes(folder)), path));

/** What a folder is filled with and how. */
interface Filling {
  readonly executor: Executor;
  readonly final: PathUri;
  readonly problems: Problems;
  readonly signal: AbortSignal;
  /** Everything in it, itself first. */
  readonly entries: readonly TreeEntry[];
  fill(tree: StagedTree): Promise<void>;
}

/** Fill a folder on the executor and put it in place. What could not be put there is a problem. */
export async function putFolder({ executor, final, problems, signal, entries, fill }: Filling): Promise<void> {
  let tree: StagedTree | undefined;
  try {
    tree = await executor.fs.stageTree(final, { signal });
    await fill(tree);
    signal.throwIfAborted();
    const outcome = await tree.commit({ mode: entries[0]?.mode, folderModes: folderModes(final, entries) });
    if (!outcome.isModeSet) problems.warn("not all permission bits could be set on the executor");
    for (const { path, message } of outcome.problems) {
      problems.report(`cannot put in place: ${path === undefined ? "" : `${displayPath(path)}: `}${message}`);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw copyFailure(`cannot write remote:${displayPath(final)}`, error);
  } finally {
    await tree?.discard();
  }
}

/** The deepest first: one that may not be entered keeps from what lies in it. */
const folderModes = (final: PathUri, entries: readonly TreeEntry[]): FolderMode[] =>
  foldersOf(entries)
    .toReversed()
    .flatMap(({ path, mode }) => (mode === undefined ? [] : [{ path: below(final, path), mode }]));

const refuseFile = ({ text }: Endpoint): CommandFailure =>
  new CommandFailure(`${text} is a file: a folder can not take its place`);
