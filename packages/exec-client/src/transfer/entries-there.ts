import { isRemoteError } from "@holdfast/rpc";
import { Problems } from "./problems.ts";
import type { RemotePlace } from "./remote-destination.ts";
import { listRemoteEntries } from "./remote-listing.ts";
import type { Transfer } from "./transfer.ts";
import type { TreeCalls } from "./tree-calls.ts";
import type { TreeEntry } from "./tree-entry.ts";
import { wireFilter } from "./tree-filter.ts";

/** What is at the destination, without what the filter leaves out; undefined where nothing is, or nobody wants to know. */
export async function entriesThere(
  { filter, compare, isMirror, signal }: Transfer,
  calls: TreeCalls,
  { path, exists }: RemotePlace,
): Promise<Map<string, TreeEntry> | undefined> {
  if (exists !== true || (compare === "none" && !isMirror)) return undefined;
  // What can not be read there is sent.
  const problems = new Problems(() => {});
  try {
    return await listRemoteEntries(calls, { root: path, filter: wireFilter(filter) }, { problems, signal });
  } catch (error) {
    // Into a folder that may be written and not read, everything is sent.
    if (isMirror || !isRemoteError(error)) throw error;
    return undefined;
  }
}
