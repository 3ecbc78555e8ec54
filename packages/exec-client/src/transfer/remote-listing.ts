import { treeNameBytes, treeNameOf } from "@holdfast/exec-server-protocol";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { refusalOfName } from "./local-name.ts";
import type { Problems } from "./problems.ts";
import { PERMISSION_BITS } from "./transfer.ts";
import { reasonOf, TransferError } from "./transfer-error.ts";
import type { TreeCalls } from "./tree-calls.ts";
import { keyOf, showPath, type TreeEntry } from "./tree-entry.ts";

/** What a listing of a million entries takes is some 500 MiB here. */
const ENTRIES_MAX = 1_000_000;
const KINDS = { file: "file", folder: "folder", link: "link", other: "special" } as const;
const NANOSECONDS_PER_MICROSECOND = 1_000n;

/** What to list: a folder, or what has arrived in a staged one. */
export type ListedTree = {
  readonly filter?: { readonly exclude?: string[]; readonly useGitignore?: boolean } | undefined;
} & ({ readonly root: PathUri } | { readonly stageId: string });

/** Everything in a folder of the executor but itself, by its path as a key. What can not be read is a problem, and left out. */
export async function listRemoteEntries(
  calls: Pick<TreeCalls, "listTree">,
  tree: ListedTree,
  { problems, signal }: { readonly problems: Problems; readonly signal: AbortSignal },
): Promise<Map<string, TreeEntry>> {
  const entries = new Map<string, TreeEntry>();
  let after: string | undefined;
  const { filter, ...what } = tree;
  do {
    const page = await calls.listTree(
      { ...what, ...(filter && { filter }), ...(after === undefined ? {} : { after }) },
      { signal },
    );
    for (const { path, message } of page.problems)
      problems.report(`cannot read remote:${displayPath(path)}: ${message}`);
    const known = entries.size;
    for (const { name, kind, size, mode, modifiedAtUs, target } of page.entries) {
      const path = pathOfName(name);
      entries.set(keyOf(path), {
        path,
        kind: KINDS[kind],
        size: kind === "file" ? size : 0,
        mode: mode & PERMISSION_BITS,
        modifiedNs: BigInt(modifiedAtUs) * NANOSECONDS_PER_MICROSECOND,
        ...(typeof target === "string" ? { target: decoded(target) } : {}),
      });
    }
    if (entries.size > ENTRIES_MAX) {
      throw new TransferError("the folder has too many files to be listed at once; copy its folders one by one");
    }
    // Nothing new: there would be no end to pages of what is known.
    if (page.next !== null && entries.size === known) {
      throw new TransferError("the executor does not come to the end of its listing");
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
  return entries;
}

/** The bytes of a name from the root. It is another machine's word: it must not lead out of the folder. */
export function pathOfName(name: string): Buffer {
  const path = decoded(name);
  for (const each of keyOf(path).split("/")) {
    if (refusalOfName(Buffer.from(each, "latin1")) !== undefined) {
      throw new TransferError(`the executor lists a path that is none: ${showPath(path)}`);
    }
  }
  return path;
}

function decoded(name: string): Buffer {
  try {
    return Buffer.from(treeNameBytes(name).buffer);
  } catch (cause) {
    throw new TransferError(`the executor lists a name that is none: ${reasonOf(cause)}`, { cause });
  }
}

/** A path from the root as the wire has it. */
export function nameOfPath(path: Buffer): string {
  return treeNameOf(path);
}
