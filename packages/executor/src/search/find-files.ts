import { type EntryKind, withFaults } from "../filesystem/index.ts";
import { cursorOf, positionOf } from "./cursor.ts";
import { type TreeFilter, visitTree } from "./file-tree.ts";
import { type BytePath, isPageFull, type PageCost, type Problem } from "./page.ts";

export interface FoundEntry {
  readonly path: BytePath;
  readonly kind: EntryKind;
}

export interface FindRequest {
  readonly filter: TreeFilter;
  /** Undefined: all. */
  readonly kinds: readonly EntryKind[] | undefined;
  readonly cursor: string | undefined;
  readonly maxEntries: number;
}

export interface FindPage {
  readonly entries: readonly FoundEntry[];
  readonly problems: readonly Problem[];
  readonly cursor: string | undefined;
}

/** One page of what matches below a folder. */
export function findFiles(root: Buffer, { filter, kinds, cursor, maxEntries }: FindRequest): Promise<FindPage> {
  return withFaults(async () => {
    const after = cursor === undefined ? undefined : positionOf(cursor).below;
    const page: PageCost = { startedAtMs: undefined, characters: 0 };
    const entries: FoundEntry[] = [];
    const problems: Problem[] = [];
    for await (const visit of visitTree(root, filter, { after, isAgain: false })) {
      const { path, below } = visit;
      if (visit.type === "problem") problems.push({ path, message: visit.message });
      else if (visit.type === "entry" && (kinds === undefined || kinds.includes(visit.kind)))
        entries.push({ path, kind: visit.kind });
      if (visit.type !== "passed") page.characters += path.length;
      const isFull = entries.length >= maxEntries || isPageFull(page, problems);
      if (isFull && below !== "") return { entries, problems, cursor: cursorOf({ below, line: undefined }) };
    }
    return { entries, problems, cursor: undefined };
  });
}
