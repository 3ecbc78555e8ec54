import { ARCHIVE_BLOCK_BYTES, ARCHIVE_WINDOW_BYTES, ARCHIVES_MAX } from "@holdfast/exec-server-protocol";
import { FileSystemFault, holdFolder, type PinnedDirectory } from "../filesystem/index.ts";
import {
  BLOCKS_READ_AHEAD,
  type PackedBlock,
  type SharedBlock,
  SharedBlocks,
  type TreeFilterOptions,
  type TreeLease,
  type TreeThreads,
} from "../trees/index.ts";
import { Interrupted } from "./interrupted.ts";

/** What is read as an archive. */
export interface ArchiveOptions {
  readonly filter: TreeFilterOptions;
  /** Only these, by their names from the root; undefined: everything. */
  readonly names: readonly Uint8Array[] | undefined;
}

/** A block as it goes to the client. Its bytes stay until the client says that it has them. */
interface ReadBlock extends Pick<PackedBlock, "isEnd" | "problems"> {
  readonly bytes: Uint8Array;
}

const WINDOW_BLOCKS = ARCHIVE_WINDOW_BYTES / ARCHIVE_BLOCK_BYTES;

/**
 * The archives that a session reads, by ids that its client chose. They outlive the connections of the session: a block that
 * its client does not have yet can be read again.
 */
export class Archives {
  readonly #threads: TreeThreads;
  readonly #archives = new Map<string, Promise<Archive>>();
  /** Read when the executor was replaced. */
  readonly interrupted = new Interrupted();
  #state: "open" | "ended" = "open";

  constructor(threads: TreeThreads) {
    this.#threads = threads;
  }

  /** Asked again it does nothing. @throws FileSystemFault `invalid-input` when too many are open, or what opening threw. */
  async open(id: string, root: Buffer, options: ArchiveOptions): Promise<void> {
    const known = this.#archives.get(id);
    if (known !== undefined) {
      await known;
      return;
    }
    if (this.#state === "ended") throw invalid("the session has ended");
    if (this.#archives.size >= ARCHIVES_MAX) throw invalid(`a session may read at most ${ARCHIVES_MAX} archives`);
    const opening = Archive.open(this.#threads, root, options);
    this.#archives.set(id, opening);
    this.interrupted.delete(id);
    try {
      await opening;
    } catch (thrown) {
      this.#archives.delete(id);
      throw thrown;
    }
  }

  /** @throws FileSystemFault `not-found`, `invalid-input` for a place that can't be read. */
  async read(id: string, offset: number, receivedBytes: number): Promise<ReadBlock> {
    const archive = this.#archives.get(id);
    if (archive === undefined) throw this.interrupted.faultOf(id, `no archive is open as \`${id}\``);
    return (await archive).read(offset, receivedBytes);
  }

  /** An id that names nothing is fine. Never rejects. */
  async close(id: string): Promise<void> {
    const archive = this.#archives.get(id);
    this.#archives.delete(id);
    await archive?.then(
      (opened) => opened.close(),
      () => {},
    );
  }

  /** Read no more. Idempotent. */
  async end(): Promise<void> {
    this.#state = "ended";
    await this.letGo();
  }

  /** None of them goes on in the next program. */
  async letGo(): Promise<void> {
    this.interrupted.add(this.#archives.keys());
    await Promise.all([...this.#archives.keys()].map((id) => this.close(id)));
  }
}

class Archive {
  readonly #folder: PinnedDirectory;
  readonly #lease: TreeLease;
  readonly #blocks = new Map<number, { readonly memory: SharedBlock; readonly read: Promise<ReadBlock> }>();
  readonly #memory = new SharedBlocks();
  /** The first block that was not asked for. */
  #next = 0;
  /** The first block that its client does not have. */
  #unconfirmed = 0;

  private constructor(folder: PinnedDirectory, lease: TreeLease) {
    this.#folder = folder;
    this.#lease = lease;
  }

  static async open(threads: TreeThreads, root: Buffer, options: ArchiveOptions): Promise<Archive> {
    const folder = await holdFolder(root);
    let lease: TreeLease | undefined;
    try {
      lease = threads.lease();
      await lease.run("pack", { job: lease.job, root: { path: folder.path, shown: root }, ...options });
      return new Archive(folder, lease);
    } catch (thrown) {
      await lease?.release();
      await folder.close();
      throw thrown;
    }
  }

  read(offset: number, receivedBytes: number): Promise<ReadBlock> {
    const [index, confirmed] = [offset / ARCHIVE_BLOCK_BYTES, receivedBytes / ARCHIVE_BLOCK_BYTES];
    if (!Number.isSafeInteger(index) || !Number.isSafeInteger(confirmed)) {
      throw invalid(`an archive is read in blocks of ${ARCHIVE_BLOCK_BYTES} bytes`);
    }
    if (confirmed > index || index >= confirmed + WINDOW_BLOCKS) {
      throw invalid(`\`offset\` must be from \`receivedBytes\` to less than ${ARCHIVE_WINDOW_BYTES} bytes after it`);
    }
    if (index < this.#unconfirmed) throw invalid("what was received is not read again");
    // No more than what it was asked for can have been received.
    if (confirmed > this.#next) throw invalid("`receivedBytes` is more than what was read");
    this.#confirm(confirmed);
    const end = Math.min(index + 1 + BLOCKS_READ_AHEAD, this.#unconfirmed + WINDOW_BLOCKS);
    for (; this.#next < end; this.#next += 1) this.#ask(this.#next);
    return this.#blocks.get(index)?.read ?? Promise.reject(invalid("what was received is not read again"));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#blocks.values()].map((block) => block.read));
    await this.#lease.release();
    await this.#folder.close();
  }

  #confirm(confirmed: number): void {
    for (; this.#unconfirmed < confirmed; this.#unconfirmed += 1) {
      const block = this.#blocks.get(this.#unconfirmed);
      this.#blocks.delete(this.#unconfirmed);
      if (block !== undefined) this.#memory.give(block.memory);
    }
  }

  #ask(index: number): void {
    const memory = this.#memory.take();
    // There are as many as may be read ahead.
    if (memory === undefined) throw new Error("no memory is left for a block");
    this.#blocks.set(index, { memory, read: handled(this.#read(memory)) });
  }

  async #read(memory: SharedBlock): Promise<ReadBlock> {
    const given = { job: this.#lease.job, block: this.#memory.named(memory) };
    const { length, isEnd, problems } = await this.#lease.run("nextBlock", given);
    return { bytes: new Uint8Array(memory.memory, 0, length), isEnd, problems };
  }
}

/** The same: it may fail before anybody asks for it. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function invalid(message: string): FileSystemFault {
  return new FileSystemFault("invalid-input", message);
}
