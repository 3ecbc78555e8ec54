import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
} from "node:fs";
import type { IgnoreFilter } from "@holdfast/path-uri";
import { TAR_END, type TarEntry, type TarEntryKind, tarHeader, tarPadding } from "@holdfast/protocol-kit/tar";
import { toFault } from "../filesystem/fault.ts";
import { type StagingProblem, StagingProblems } from "../filesystem/staging-problems.ts";
import { HeldChain } from "./held-chain.ts";
import { ARCHIVE_LINKED_FILES_MAX } from "./limits.ts";
import { type WalkedEntry, walkHeld } from "./walk-held.ts";

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const MODES = 0o7777n;
const NANOSECONDS = 1_000_000_000n;
const NOTHING = Buffer.alloc(0);
const ROOT_NAME = Buffer.from(".");

/** What is read. */
export interface PackOptions {
  readonly filter: IgnoreFilter;
  /** Only these, by their names from the root, and nothing that is in them; undefined: everything. */
  readonly names: readonly Buffer[] | undefined;
  /** What paths of problems begin with. */
  readonly shownRoot: Buffer;
}

/** A part of an archive. */
export interface PackedBlock {
  /** How much of the memory is filled. */
  readonly length: number;
  readonly isEnd: boolean;
  /** In the last block. */
  readonly problems: readonly StagingProblem[];
}

/**
 * Reads a held folder as an archive, block by block: nothing is read before it is asked for.
 *
 * For a thread of its own: every call into the system is waited for.
 */
export class ArchivePacker {
  readonly #root: Buffer;
  readonly #options: PackOptions;
  readonly #problems: StagingProblems;
  /** First name of each file that has several, by where it is. */
  readonly #linked = new Map<string, Buffer>();
  /** Fills what {@link #block} is, and stops whenever that is full. */
  readonly #filling: Generator<void, void, undefined>;
  #block: Uint8Array = new Uint8Array(0);
  #filled = 0;
  #isEnd = false;

  /** @param root - Names the held folder for any call. */
  constructor(root: Buffer, options: PackOptions) {
    this.#root = root;
    this.#options = options;
    this.#problems = new StagingProblems(options.shownRoot);
    this.#filling = this.#fill();
  }

  /**
   * The next block. After the last there are empty ones.
   *
   * @param memory - What it is written to: as long as a block.
   */
  next(memory: ArrayBufferLike): PackedBlock {
    if (this.#isEnd) return { length: 0, isEnd: true, problems: [] };
    this.#block = new Uint8Array(memory);
    this.#filled = 0;
    this.#isEnd = this.#filling.next().done === true;
    return { length: this.#filled, isEnd: this.#isEnd, problems: this.#isEnd ? this.#problems.all() : [] };
  }

  /** Hold nothing any more. Idempotent. */
  close(): void {
    this.#isEnd = true;
    this.#filling.return();
  }

  *#fill(): Generator<void, void, undefined> {
    for (const entry of this.#entries()) yield* this.#entry(entry);
    yield* this.#put(TAR_END);
  }

  *#entries(): Generator<WalkedEntry, void, undefined> {
    const { filter, names } = this.#options;
    const report = (name: Buffer, message: string) => this.#problems.report(name, message);
    if (names === undefined) {
      yield { name: ROOT_NAME, path: this.#root, stats: fstatOf(this.#root) };
      yield* walkHeld(this.#root, { filter, after: NOTHING, report });
      return;
    }
    const chain = new HeldChain(this.#root, { makesMissing: false });
    try {
      for (const name of names) {
        let entry: WalkedEntry;
        try {
          const path = chain.entry(name);
          entry = { name, path, stats: lstatSync(path, { bigint: true }) };
        } catch (thrown) {
          report(name, toFault(thrown).message);
          continue;
        }
        yield entry;
      }
    } finally {
      chain.close();
    }
  }

  *#entry({ name, path, stats }: WalkedEntry): Generator<void, void, undefined> {
    if (stats.isFile()) {
      const first = this.#firstNameOf(stats, name);
      if (first === undefined) yield* this.#file(name, path);
      else yield* this.#put(tarHeader(entryOf("hard-link", name, stats, first)));
      return;
    }
    let header: Uint8Array;
    try {
      if (stats.isDirectory()) header = tarHeader(entryOf("folder", name, stats, NOTHING));
      else if (stats.isSymbolicLink()) header = tarHeader(entryOf("link", name, stats, readlinkSync(path, "buffer")));
      else {
        this.#problems.report(name, "it is neither a file, nor a folder, nor a link");
        return;
      }
    } catch (thrown) {
      this.#problems.report(name, toFault(thrown).message);
      return;
    }
    yield* this.#put(header);
  }

  /** Undefined for a file that has not been seen before. */
  #firstNameOf(stats: BigIntStats, name: Buffer): Buffer | undefined {
    if (stats.nlink < 2n) return undefined;
    const key = `${stats.dev}:${stats.ino}`;
    const first = this.#linked.get(key);
    if (first === undefined && this.#linked.size < ARCHIVE_LINKED_FILES_MAX) this.#linked.set(key, name);
    return first;
  }

  *#file(name: Buffer, path: Buffer): Generator<void, void, undefined> {
    let fd: number;
    let stats: BigIntStats;
    try {
      fd = openSync(path, FLAGS);
    } catch (thrown) {
      this.#cannotRead(name, thrown);
      return;
    }
    try {
      stats = fstatSync(fd, { bigint: true });
      // It may have become something else.
      if (!stats.isFile()) {
        this.#cannotRead(name, new Error("it is no regular file any more"));
        return;
      }
      const entry = entryOf("file", name, stats, NOTHING);
      yield* this.#put(tarHeader(entry));
      yield* this.#content(name, fd, entry.size);
      yield* this.#zeros(tarPadding(entry.size));
    } finally {
      closeSync(fd);
    }
  }

  #cannotRead(name: Buffer, thrown: unknown): void {
    this.#problems.report(name, toFault(thrown).message);
    // Other names of it must not lead to what is not there.
    for (const [key, first] of this.#linked) if (first.equals(name)) this.#linked.delete(key);
  }

  /** As many bytes as were announced, whatever becomes of the file. */
  *#content(name: Buffer, fd: number, size: number): Generator<void, void, undefined> {
    let left = size;
    while (left > 0) {
      if (this.#filled === this.#block.length) yield;
      const wanted = Math.min(left, this.#block.length - this.#filled);
      let count = 0;
      try {
        count = readSync(fd, this.#block, this.#filled, wanted, null);
        if (count === 0) this.#problems.report(name, "it became shorter while it was read: the rest of it is zeros");
      } catch (thrown) {
        this.#problems.report(name, `${toFault(thrown).message}: the rest of it is zeros`);
      }
      if (count === 0) {
        yield* this.#zeros(left);
        return;
      }
      this.#filled += count;
      left -= count;
    }
  }

  *#put(bytes: Uint8Array): Generator<void, void, undefined> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#filled === this.#block.length) yield;
      const part = bytes.subarray(at, at + this.#block.length - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  *#zeros(count: number): Generator<void, void, undefined> {
    let left = count;
    while (left > 0) {
      if (this.#filled === this.#block.length) yield;
      const part = Math.min(left, this.#block.length - this.#filled);
      this.#block.fill(0, this.#filled, this.#filled + part);
      this.#filled += part;
      left -= part;
    }
  }
}

function fstatOf(root: Buffer): BigIntStats {
  // The way through `/proc` is a link to what is held.
  const fd = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return fstatSync(fd, { bigint: true });
  } finally {
    closeSync(fd);
  }
}

function entryOf(kind: TarEntryKind, name: Buffer, stats: BigIntStats, target: Buffer): TarEntry {
  const { seconds, nanoseconds } = splitTime(stats.mtimeNs);
  return {
    kind,
    path: name,
    target,
    size: kind === "file" ? Number(stats.size) : 0,
    mode: Number(stats.mode & MODES),
    modifiedSeconds: seconds,
    modifiedNanoseconds: nanoseconds,
  };
}

/** Rounded down, also before 1970. */
function splitTime(ns: bigint): { readonly seconds: number; readonly nanoseconds: number } {
  const rest = ((ns % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return { seconds: Number((ns - rest) / NANOSECONDS), nanoseconds: Number(rest) };
}
