import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { isRemoteError } from "@holdfast/rpc";
import { sameContent } from "./compare-content.ts";
import { differenceOf } from "./compare-trees.ts";
import { copyFailure } from "./copy-failure.ts";
import { discardSoon } from "./discard-soon.ts";
import type { LocalTree } from "./local-tree.ts";
import { packTree } from "./pack-tree.ts";
import type { RemotePlace } from "./remote-destination.ts";
import { listRemoteEntries } from "./remote-listing.ts";
import { conflictsOf, extrasOf, removeRemote, wasReadWhole } from "./remove-extras.ts";
import { sendArchive } from "./send-archive.ts";
import type { Transfer } from "./transfer.ts";
import type { TreeCalls } from "./tree-calls.ts";
import { bytesOf, keyOf, type TreeEntry } from "./tree-entry.ts";
import type { TreeFilter } from "./tree-filter.ts";

/** Characters of a key by which an executor finds what an earlier upload left. */
const KEEP_KEY_LENGTH = 48;

/** Where a folder goes, and what is there. */
export interface ListedPlace {
  readonly place: RemotePlace;
  /** As `entriesThere` tells. */
  readonly listing: Promise<ReadonlyMap<string, TreeEntry> | undefined>;
}

/** Send what differs of a folder as one archive, which the executor unpacks aside and then puts in place. */
export async function uploadByArchive(
  transfer: Transfer,
  calls: TreeCalls,
  { held, real, entries, filter }: LocalTree,
  { place, listing }: ListedPlace,
): Promise<void> {
  const { source, signal, problems } = transfer;
  const { path: final } = place;
  using progress = transfer.progress(source.text, bytesOf(entries));
  const advance = (bytes: number): void => progress.advance(bytes);
  try {
    const isWhole = !transfer.isMirror || wasReadWhole(problems);
    const there = await listing;
    const left = await whatDiffers(transfer, calls, { top: held.top, entries, there, final }, advance);
    const mirrored = transfer.isMirror && there !== undefined ? { there: admitted(there, filter), entries } : undefined;
    if (mirrored !== undefined) await removeRemote(transfer, calls, place, conflictsOf(mirrored));
    if (left.length > 0 || place.exists !== true) {
      const [own] = entries;
      await stageAndCommit(transfer, calls, { top: held.top, real, place, entries: left, mode: own?.mode, advance });
    }
    if (mirrored !== undefined && isWhole) await removeRemote(transfer, calls, place, extrasOf(mirrored));
  } catch (error) {
    signal.throwIfAborted();
    throw copyFailure(`cannot write remote:${displayPath(final)}`, error);
  }
}

/** What the `.gitignore` files of the source leave out is not removed, where the destination does not have these files yet. */
function admitted(
  there: ReadonlyMap<string, TreeEntry>,
  filter: TreeFilter | undefined,
): ReadonlyMap<string, TreeEntry> {
  if (filter === undefined) return there;
  return new Map(filter.admitted([...there.values()]).map((entry) => [keyOf(entry.path), entry]));
}

/** What has to be sent; what need not counts as sent. */
async function whatDiffers(
  transfer: Transfer,
  calls: TreeCalls,
  { top, entries, there, final }: Compared,
  advance: (bytes: number) => void,
): Promise<readonly TreeEntry[]> {
  if (there === undefined || transfer.compare === "none") return entries;
  const { signal } = transfer;
  const equalContent =
    transfer.compare === "content" ? await sameContent(calls, { top, entries, there, root: final, signal }) : undefined;
  const { changed, equalBytes } = differenceOf(entries, there, equalContent);
  advance(equalBytes);
  return changed;
}

interface Compared {
  /** Native path that leads to the held local folder. */
  readonly top: Buffer;
  readonly entries: readonly TreeEntry[];
  readonly there: ReadonlyMap<string, TreeEntry> | undefined;
  readonly final: PathUri;
}

interface Staging {
  readonly top: Buffer;
  readonly real: Buffer;
  readonly place: RemotePlace;
  readonly entries: readonly TreeEntry[];
  /** Permission bits of the folder itself. */
  readonly mode: number | undefined;
  readonly advance: (bytes: number) => void;
}

async function stageAndCommit(transfer: Transfer, calls: TreeCalls, staging: Staging): Promise<void> {
  const { source, problems, signal, isResumable } = transfer;
  const { top, advance, mode } = staging;
  const stage = await beginStage(transfer, calls, staging);
  try {
    const free: Buffer[] = [];
    const blocks = packTree(top, stage.entries, { text: source.text, problems, signal, advance, free });
    await sendArchive(calls, stage.stageId, blocks, { signal, free: (block) => free.push(block) });
    signal.throwIfAborted();
    const params = { stageId: stage.stageId, ...(mode === undefined ? {} : { mode }) };
    const outcome = await calls.commitStaged(params, { signal });
    if (!outcome.isModeSet) problems.warn("not all permission bits could be set on the executor");
    for (const { path, message } of outcome.problems) {
      problems.report(`cannot put in place: ${displayPath(path)}: ${message}`);
    }
  } catch (error) {
    if (!isResumable || isRemoteError(error)) await discardSoon(stageOf(calls, stage.stageId), signal);
    throw error;
  }
}

/** Begin a staged folder, or go on with the one that an earlier upload left. */
async function beginStage(
  { signal, isResumable, problems }: Transfer,
  calls: TreeCalls,
  { real, place, entries, advance }: Staging,
): Promise<{ readonly stageId: string; readonly entries: readonly TreeEntry[] }> {
  const { path, noFollowNames } = place;
  const begin = async (): Promise<{ readonly stageId: string; readonly isResumed: boolean }> => {
    const stageId = randomUUID();
    const params = { stageId, path, noFollowNames, ...(isResumable && { keepAs: keepKey(real) }) };
    try {
      const { isResumed = false } = await calls.stageFolder(params, { signal });
      return { stageId, isResumed };
    } catch (error) {
      // It may be there: who gave up does not know.
      if (!isRemoteError(error)) await discardSoon(stageOf(calls, stageId), signal);
      throw error;
    }
  };
  const { stageId, isResumed } = await begin();
  if (!isResumed) return { stageId, entries };
  const arrived = await listRemoteEntries(calls, { stageId }, { problems, signal });
  const wanted = new Map(entries.map((entry) => [keyOf(entry.path), entry.kind]));
  if ([...arrived].some(([key, { kind }]) => wanted.get(key) !== kind)) {
    // Something of it is no longer in the source: it would be put in place with the rest.
    await calls.discardStaged({ stageId }, { signal });
    return { stageId: (await begin()).stageId, entries };
  }
  const { changed, equalBytes } = differenceOf(entries, arrived);
  advance(equalBytes);
  return { stageId, entries: changed };
}

/** Known to this folder of this machine alone. */
function keepKey(real: Buffer): string {
  return createHash("sha256").update(`${hostname()}\0`).update(real).digest("base64url").slice(0, KEEP_KEY_LENGTH);
}

function stageOf(calls: TreeCalls, stageId: string): { discard(): Promise<void> } {
  return { discard: () => calls.discardStaged({ stageId }).then(() => {}) };
}
