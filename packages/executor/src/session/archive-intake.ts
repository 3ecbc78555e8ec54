import { ARCHIVE_WINDOW_BYTES } from "@holdfast/exec-server-protocol";
import { FileSystemFault } from "../filesystem/index.ts";
import {
  SENT_AHEAD_MAX_BYTES,
  SharedBlocks,
  type SharedFolder,
  type TreeLease,
  type TreeThreads,
  type Unpacked,
} from "../trees/index.ts";

/** Bytes that a session has sent for its staged folders and that are not unpacked. */
export interface SentAhead {
  bytes: number;
}

interface Parked {
  readonly offset: number;
  readonly go: () => void;
  readonly fail: (reason: Error) => void;
}

const MISSING_PART = "a part of the archive before this one is missing";

/**
 * An archive on its way into a staged folder. Its parts may come again, over another connection, and in any order within a window:
 * each byte is unpacked once.
 */
export class ArchiveIntake {
  readonly #lease: TreeLease;
  readonly #into: SharedFolder;
  readonly #sentAhead: SentAhead;
  readonly #blocks = new SharedBlocks();
  #parked: Parked[] = [];
  /** Bytes that were handed to the thread. */
  #next = 0;
  /** How unpacking of all of them ends: the number of problems. */
  #unpacked: Promise<number> = Promise.resolve(0);
  #state: "open" | "sealed" = "open";

  constructor(threads: TreeThreads, into: SharedFolder, sentAhead: SentAhead) {
    this.#lease = threads.lease();
    this.#into = into;
    this.#sentAhead = sentAhead;
  }

  /**
   * Resolves with the number of problems so far when this part is unpacked.
   *
   * @throws FileSystemFault for a part that is too far ahead, and what unpacking this part or one before it threw.
   */
  async write(offset: number, chunk: Uint8Array): Promise<number> {
    if (this.#sentAhead.bytes + chunk.length > SENT_AHEAD_MAX_BYTES) {
      throw invalid(`at most ${SENT_AHEAD_MAX_BYTES} bytes may be sent ahead of what is unpacked`);
    }
    this.#sentAhead.bytes += chunk.length;
    try {
      if (offset > this.#next) await this.#turnOf(offset, chunk.length);
      const known = this.#next - offset;
      if (known < chunk.length) this.#handOver(known === 0 ? chunk : chunk.subarray(known));
      return await this.#unpacked;
    } finally {
      this.#sentAhead.bytes -= chunk.length;
    }
  }

  /** Take nothing more: what waits for a part before it fails. Idempotent. */
  seal(): void {
    this.#state = "sealed";
    for (const { fail } of this.#parked.splice(0)) fail(invalid(MISSING_PART));
  }

  /** @throws FileSystemFault what unpacking threw, or `invalid-input` when it breaks off within an entry. */
  async finish(): Promise<Unpacked> {
    this.seal();
    await this.#unpacked;
    return this.#lease.run("finishUnpacking", { job: this.#lease.job });
  }

  /** Hold nothing any more. Resolves when the thread has nothing to do with the folder. Never rejects. Idempotent. */
  async close(): Promise<void> {
    this.seal();
    await this.#unpacked.catch(() => {});
    await this.#lease.release();
  }

  #turnOf(offset: number, length: number): Promise<void> {
    if (this.#state === "sealed") throw invalid(MISSING_PART);
    if (offset + length - this.#next > ARCHIVE_WINDOW_BYTES) {
      throw invalid(`a part of an archive may be sent at most ${ARCHIVE_WINDOW_BYTES} bytes ahead`);
    }
    return new Promise((go, fail) => this.#parked.push({ offset, go, fail }));
  }

  #handOver(part: Uint8Array): void {
    this.#next += part.length;
    const { job } = this.#lease;
    const into = this.#into;
    const block = this.#blocks.take();
    let own: Promise<{ readonly problemCount: number }>;
    if (block === undefined) own = this.#lease.run("unpack", { job, into, part: part.slice() });
    else {
      // The thread can't have the memory of a frame, which is used again here.
      new Uint8Array(block.memory).set(part);
      const named = { block: this.#blocks.named(block), length: part.length };
      own = this.#lease.run("unpack", { job, into, part: named });
      own.then(
        () => this.#blocks.give(block),
        () => {},
      );
    }
    const before = this.#unpacked;
    this.#unpacked = before.then(async () => (await own).problemCount);
    own.catch(() => {});
    this.#unpacked.catch(() => {});
    // Their turn is now, or has been: each looks for itself.
    const ready = this.#parked
      .filter(({ offset }) => offset <= this.#next)
      .sort((left, right) => left.offset - right.offset);
    this.#parked = this.#parked.filter(({ offset }) => offset > this.#next);
    for (const { go } of ready) go();
  }
}

function invalid(message: string): FileSystemFault {
  return new FileSystemFault("invalid-input", message);
}
