import { displayPath, type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";
import type { Executor } from "../executor.ts";
import type { FolderMode, StagedTree } from "../filesystem/staged-tree.ts";
import { copyFailure } from "./copy-failure.ts";
import { discardSoon } from "./discard-soon.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Problems } from "./problems.ts";
import {
  type Asking,
  entryOf,
  lookAtDestination,
  placeBelow,
  plainKindOf,
  type RemotePlace,
} from "./remote-destination.ts";
import { TransferError } from "./transfer-error.ts";
import { foldersOf, joinBytes, type TreeEntry } from "./tree-entry.ts";

/** `DIR` and `DIR/.` differ as they do for `cp`: the folder itself, or what is in it. */
export function meansContents(path: string): boolean {
  return /(^|[\\/])\.[\\/]?$/.test(path);
}

/**
 * Settle the place: into a folder under the source's name, unless only what is in it is meant.
 *
 * @throws TransferError it is a file, or a link.
 */
export async function remoteFolder(
  asking: Asking,
  endpoint: Endpoint,
  source: { readonly name: string; readonly isContents: boolean },
): Promise<RemotePlace> {
  const { path, kind, isFollowed } = await lookAtDestination(asking, endpoint);
  if (kind === "file") throw refuseFile(endpoint.text);
  // What is made new is no link, whatever the user wrote.
  if (kind === "absent") return { path, noFollowNames: 1 };
  if (source.isContents) return { path, noFollowNames: isFollowed ? 0 : 1, exists: true };
  const entry = entryOf(endpoint, source.name);
  const place = placeBelow({ path, isFollowed }, source.name);
  const found = await plainKindOf(asking, place.path, entry);
  if (found === "file") throw refuseFile(entry.text);
  return { ...place, exists: found === "folder" };
}

/** A path below a folder on the executor. */
export function below(folder: PathUri, path: Buffer): PathUri {
  return path.byteLength === 0 ? folder : pathUriFromNativeBytes(joinBytes(Buffer.from(toNativeBytes(folder)), path));
}

/** What a folder is filled with and how. */
interface Filling {
  readonly executor: Executor;
  readonly place: RemotePlace;
  readonly problems: Problems;
  readonly signal: AbortSignal;
  /** Everything in it, itself first. */
  readonly entries: readonly TreeEntry[];
  fill(tree: StagedTree): Promise<void>;
}

/** Fill a folder on the executor and put it in place. What could not be put there is a problem. */
export async function putFolder({ executor, place, problems, signal, entries, fill }: Filling): Promise<void> {
  const { path: final, noFollowNames } = place;
  let tree: StagedTree | undefined;
  try {
    tree = await executor.fs.stageTree(final, { signal, noFollowNames });
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
    if (tree !== undefined) await discardSoon(tree, signal);
  }
}

/** The deepest first: one that may not be entered keeps from what lies in it. */
function folderModes(final: PathUri, entries: readonly TreeEntry[]): FolderMode[] {
  return foldersOf(entries)
    .toReversed()
    .flatMap(({ path, mode }) => (mode === undefined ? [] : [{ path: below(final, path), mode }]));
}

function refuseFile(text: string): TransferError {
  return new TransferError(`${text} is a file: a folder can not take its place`);
}
