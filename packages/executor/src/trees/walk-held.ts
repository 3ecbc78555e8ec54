import { type BigIntStats, type Dirent, lstatSync, readdirSync } from "node:fs";
import type { IgnoreFilter } from "@holdfast/path-uri";
import { toFault } from "../filesystem/fault.ts";
import { joinPath } from "../filesystem/native-path.ts";
import { HeldChain } from "./held-chain.ts";
import { filterInside } from "./tree-filter.ts";

const NOTHING = Buffer.alloc(0);

/** Something in a tree that is walked. */
export interface WalkedEntry {
  /** From the root. */
  readonly name: Buffer;
  /** By which any call reaches it. Good until the next entry is asked for. */
  readonly path: Buffer;
  readonly stats: BigIntStats;
}

export interface HeldWalkOptions {
  readonly filter: IgnoreFilter;
  /** Go on after this name from the root; empty: from the start. */
  readonly after: Buffer;
  /** Told about each thing that can't be read, by its name from the root; empty: the root. */
  readonly report: (name: Buffer, message: string) => void;
}

interface Folder {
  readonly name: Buffer;
  readonly filter: IgnoreFilter;
  readonly entries: readonly Dirent<Buffer>[];
  next: number;
}

/**
 * Walk a held folder depth first and through no link, each folder by the bytes of its names and before what is in it. The root
 * itself is left out.
 *
 * For a thread of its own: every call into the system is waited for.
 */
export function* walkHeld(root: Buffer, options: HeldWalkOptions): Generator<WalkedEntry, void, undefined> {
  const { report } = options;
  const chain = new HeldChain(root, { makesMissing: false });
  const stack: Folder[] = [];
  const enter = (name: Buffer, filter: IgnoreFilter, after: Buffer): void => {
    try {
      const path = chain.folder(name);
      const entries = readdirSync(path, { withFileTypes: true, encoding: "buffer" });
      entries.sort((left, right) => Buffer.compare(left.name, right.name));
      const folder = { name, filter: filterInside(filter, path), entries, next: 0 };
      stack.push(folder);
      if (after.length > 0) skipTo(folder, after, enter);
    } catch (thrown) {
      report(name, toFault(thrown).message);
    }
  };
  try {
    enter(NOTHING, options.filter, options.after);
    for (let folder = stack.at(-1); folder !== undefined; folder = stack.at(-1)) {
      const entry = folder.entries[folder.next];
      folder.next += 1;
      if (entry === undefined) {
        stack.pop();
        continue;
      }
      const name = folder.name.length === 0 ? entry.name : joinPath(folder.name, entry.name);
      if (folder.filter.ignores(entry.name, entry.isDirectory())) continue;
      let walked: WalkedEntry;
      try {
        const path = chain.entry(name);
        walked = { name, path, stats: lstatSync(path, { bigint: true }) };
      } catch (thrown) {
        report(name, toFault(thrown).message);
        continue;
      }
      yield walked;
      if (walked.stats.isDirectory()) enter(name, folder.filter.below(entry.name), NOTHING);
    }
  } finally {
    chain.close();
  }
}

/** Skip what comes before `after`, a name from the folder, and what has that name itself; step into it where it is a folder. */
function skipTo(
  folder: Folder,
  after: Buffer,
  enter: (name: Buffer, filter: IgnoreFilter, rest: Buffer) => void,
): void {
  const slash = after.indexOf(0x2f);
  const first = slash === -1 ? after : after.subarray(0, slash);
  while (folder.next < folder.entries.length) {
    const entry = folder.entries[folder.next];
    const order = entry === undefined ? 1 : Buffer.compare(entry.name, first);
    if (entry === undefined || order > 0) return;
    folder.next += 1;
    if (order < 0) continue;
    if (!entry.isDirectory()) return;
    const name = folder.name.length === 0 ? entry.name : joinPath(folder.name, entry.name);
    enter(name, folder.filter.below(entry.name), slash === -1 ? NOTHING : after.subarray(slash + 1));
    return;
  }
}
