import type { PathUri } from "@holdfast/path-uri";
import { sameContent } from "./compare-content.ts";
import { differenceOf } from "./compare-trees.ts";
import type { LocalFolder } from "./local-folder.ts";
import { listLocalTree } from "./local-tree.ts";
import { nameBatches } from "./name-batches.ts";
import { Problems } from "./problems.ts";
import { receiveArchive } from "./receive-archive.ts";
import { listRemoteEntries } from "./remote-listing.ts";
import { conflictsOf, extrasOf, removeLocal, wasReadWhole } from "./remove-extras.ts";
import { notIgnoredAtSource } from "./source-rules.ts";
import type { Transfer } from "./transfer.ts";
import type { TreeCalls } from "./tree-calls.ts";
import { bytesOf, keyOf, type TreeEntry } from "./tree-entry.ts";
import { TreeFilter, wireFilter } from "./tree-filter.ts";
import { TreeUnpacker } from "./unpack-tree.ts";

/** What is received, and what of it may have a name here. */
interface Wanted {
  readonly root: PathUri;
  readonly maxPathBytes: number;
}

/**
 * Receive what differs of a folder as one archive, and unpack it aside.
 *
 * @returns what is in the staged folder.
 */
export async function receiveByArchive(
  transfer: Transfer,
  calls: TreeCalls,
  { root, maxPathBytes }: Wanted,
  { staged, existing }: LocalFolder,
): Promise<readonly TreeEntry[]> {
  const { source, problems, signal } = transfer;
  const filter = wireFilter(transfer.filter);
  const isCompared = existing !== undefined && (transfer.compare !== "none" || transfer.isMirror);
  // It is known what there is to come only where it is listed before.
  const compared = isCompared ? await listBoth(transfer, calls, root, existing.top) : undefined;
  using progress = transfer.progress(source.text, compared && bytesOf([...compared.listed.values()]));
  const advance = (bytes: number): void => progress.advance(bytes);
  let names: readonly string[] | undefined;
  if (compared !== undefined && existing !== undefined) {
    const { listed, there } = compared;
    const entries = [...listed.values()];
    if (transfer.isMirror) {
      const mirrored = { there, entries };
      const extras = wasReadWhole(problems) ? extrasOf(mirrored) : [];
      const removed = [...conflictsOf(mirrored), ...extras];
      await removeLocal(existing, await notIgnoredAtSource(transfer, { root, listed }, removed), transfer);
    }
    if (transfer.compare !== "none") {
      const equalContent =
        transfer.compare === "content"
          ? await sameContent(calls, { top: existing.top, entries, there, root, signal })
          : undefined;
      const { changed, equalBytes } = differenceOf(entries, there, equalContent);
      advance(equalBytes);
      if (changed.length === 0) return [];
      names = namesOf(changed);
    }
  }
  using unpacker = new TreeUnpacker(staged.top, { text: source.text, problems, signal, advance, maxPathBytes });
  await receiveArchive(
    calls,
    { root, names, filter },
    {
      take: (block) => unpacker.take(block),
      text: source.text,
      problems,
      signal,
    },
  );
  unpacker.finish();
  return unpacker.made;
}

/** What the executor has and what is here. The executor lists its own while this machine lists what is here. */
async function listBoth(
  transfer: Transfer,
  calls: TreeCalls,
  root: PathUri,
  top: Buffer,
): Promise<{ readonly listed: Map<string, TreeEntry>; readonly there: Map<string, TreeEntry> }> {
  const { problems, signal } = transfer;
  const filter = wireFilter(transfer.filter);
  const listing = listRemoteEntries(calls, { root, filter }, { problems, signal });
  listing.catch(() => {}); // awaited when nothing works on the folder here any more
  const there = await entriesHere(transfer, top);
  return { listed: await listing, there };
}

async function entriesHere(transfer: Transfer, top: Buffer): Promise<Map<string, TreeEntry>> {
  const { signal, destination } = transfer;
  // What can not be read here is received.
  const problems = new Problems(() => {});
  const filter = TreeFilter.of(transfer.filter);
  const entries = await listLocalTree(top, { text: destination.text, problems, signal, filter });
  return new Map(entries.map((entry) => [keyOf(entry.path), entry]));
}

/** Undefined where there are more than one request takes: then the archive is asked for as a whole. */
function namesOf(entries: readonly TreeEntry[]): readonly string[] | undefined {
  const [names, more] = nameBatches(entries);
  return more === undefined ? names : undefined;
}
