import fs from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { errnoOf, osFault, withFaults } from "./fault.ts";
import { checkedPath } from "./native-path.ts";
import {
  type ByteString,
  canonicalText,
  type ListedEntry,
  type Listing,
  type ListingOutcome,
  listDirectory,
} from "./walk-listing.ts";
import { checkWalkOptions, type WalkOptions } from "./walk-options.ts";
import { type PathNaming, WalkReport, type WalkResult } from "./walk-report.ts";

/** Directories read ahead of the one whose turn it is. */
const READ_AHEAD = 8;
/** Entries between two looks at the clock. */
const ENTRIES_PER_LOOK = 256;
/** Longest stretch of work without giving others a turn. */
const MAX_STRETCH_MS = 2;

/** A directory whose turn will come. */
interface Queued<Path> {
  readonly path: ByteString;
  readonly shown: Path;
  readonly depth: number;
  /** Known when links are followed, for telling directories apart that are reached twice. */
  readonly canonical: ByteString;
}

/**
 * List everything below a directory: breadth-first, inside a directory sorted by name in byte order, the root itself
 * left out. A root that is a file, or a link that is not followed, gives an empty result.
 *
 * A directory that can not be read is an error of the result, not of the walk. With links followed, paths keep the
 * spelling through the link, and a directory reached again is listed but not entered.
 *
 * @param settings.maxResponseBytes - Most that all items may cost, each its path (and message) plus 64; default 4 MiB.
 * @throws FileSystemFault `invalid-input` - a limit is zero or above its maximum.
 * @throws FileSystemFault `not-found` - the root is missing or a dangling link.
 */
export function walk<Path>(
  root: Buffer,
  options: WalkOptions,
  naming: PathNaming<Path>,
  settings: { readonly maxResponseBytes?: number; readonly signal?: AbortSignal } = {},
): Promise<WalkResult<Path>> {
  return withFaults(async () => {
    checkWalkOptions(options);
    const report = new WalkReport<Path>(naming.costOf, settings.maxResponseBytes);
    const path = checkedPath(root);
    if (await canEnter(path, options)) {
      await new Walk(path.toString("latin1"), options, naming, report).run(settings.signal);
    }
    return report.result();
  }, settings.signal);
}

async function canEnter(root: Buffer, options: WalkOptions): Promise<boolean> {
  const isDirectory = (await fs.promises.stat(root)).isDirectory();
  if (!isDirectory || options.followDirectorySymlinks) return isDirectory;
  return !(await fs.promises.lstat(root)).isSymbolicLink();
}

class Walk<Path> {
  readonly #root: ByteString;
  readonly #options: WalkOptions;
  readonly #naming: PathNaming<Path>;
  readonly #report: WalkReport<Path>;
  readonly #queue: Queued<Path>[] = [];
  readonly #ahead = new Map<number, Promise<ListingOutcome>>();
  readonly #seen = new Set<ByteString>();
  #examined = 0;
  #stretchStartMs = performance.now();

  constructor(root: ByteString, options: WalkOptions, naming: PathNaming<Path>, report: WalkReport<Path>) {
    this.#root = root;
    this.#options = options;
    this.#naming = naming;
    this.#report = report;
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    const canonical = this.#options.followDirectorySymlinks ? await canonicalText(this.#root) : this.#root;
    this.#enqueue({ path: this.#root, shown: this.#naming.root, depth: 0, canonical });
    for (let turn = 0; turn < this.#queue.length; turn += 1) {
      const directory = this.#queue[turn];
      if (directory === undefined) return;
      const outcome = await this.#listing(turn);
      signal?.throwIfAborted();
      if (!(await this.#visit(directory, outcome, signal))) return;
    }
  }

  #enqueue(directory: Queued<Path>): void {
    this.#seen.add(directory.canonical);
    this.#queue.push(directory);
  }

  /** The listing of one turn; those of the next turns are asked for meanwhile. */
  #listing(turn: number): Promise<ListingOutcome> {
    for (let next = turn; next < Math.min(turn + READ_AHEAD, this.#queue.length); next += 1) {
      if (!this.#ahead.has(next)) this.#ahead.set(next, this.#list(next));
    }
    const listing = this.#ahead.get(turn) ?? this.#list(turn);
    this.#ahead.delete(turn);
    return listing;
  }

  #list(turn: number): Promise<ListingOutcome> {
    const { maxEntries, followDirectorySymlinks: resolveLinks } = this.#options;
    return listDirectory(this.#queue[turn]?.path ?? this.#root, { maxEntries, resolveLinks });
  }

  /** False when the walk must end. */
  async #visit(directory: Queued<Path>, outcome: ListingOutcome, signal: AbortSignal | undefined): Promise<boolean> {
    if (outcome.kind === "failed") return this.#report.addError(directory.shown, messageOf(outcome.thrown));
    for (const entry of outcome.listing.entries) {
      if (this.#examined === this.#options.maxEntries) {
        this.#report.truncate();
        return false;
      }
      this.#examined += 1;
      if (!this.#examine(directory, entry, outcome.listing)) return false;
      if (this.#examined % ENTRIES_PER_LOOK === 0) await this.#giveWay(signal);
    }
    return true;
  }

  #examine(directory: Queued<Path>, entry: ListedEntry, listing: Listing): boolean {
    const { name } = entry;
    if (entry.isFile()) return this.#report.addEntry(this.#shown(directory, name), "file");
    if (entry.isDirectory()) return this.#found(directory, name, below(directory.canonical, name));
    const target = listing.targets.get(name);
    if (target?.kind === "directory") return this.#found(directory, name, target.canonical);
    if (target?.kind === "failed") return this.#report.addError(this.#shown(directory, name), target.message);
    if (this.#options.listSymlinks !== true || !entry.isSymbolicLink()) return true;
    return this.#report.addEntry(this.#shown(directory, name), "symlink");
  }

  #found(parent: Queued<Path>, name: ByteString, canonical: ByteString): boolean {
    const shown = this.#shown(parent, name);
    if (!this.#report.addEntry(shown, "directory")) return false;
    const { maxDepth, maxDirectories, pruneHiddenDirectories = false } = this.#options;
    if (parent.depth >= maxDepth || (pruneHiddenDirectories && name.startsWith("."))) return true;
    if (this.#seen.has(canonical)) return true;
    if (this.#queue.length >= maxDirectories) this.#report.truncate();
    else this.#enqueue({ path: below(parent.path, name), shown, depth: parent.depth + 1, canonical });
    return true;
  }

  #shown(parent: Queued<Path>, name: ByteString): Path {
    return this.#naming.child(parent.shown, name);
  }

  async #giveWay(signal: AbortSignal | undefined): Promise<void> {
    if (performance.now() - this.#stretchStartMs < MAX_STRETCH_MS) return;
    await nextTurn();
    signal?.throwIfAborted();
    this.#stretchStartMs = performance.now();
  }
}

function below(parent: ByteString, name: ByteString): ByteString {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}

function messageOf(thrown: unknown): string {
  const code = errnoOf(thrown);
  if (code !== undefined) return osFault(code).message;
  return thrown instanceof Error ? thrown.message : String(thrown);
}
