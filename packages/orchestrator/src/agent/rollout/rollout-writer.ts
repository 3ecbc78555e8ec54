import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { READ_CHUNK_BYTES } from "./limits.ts";
import { type RolloutRecord, readRecord, recordLine } from "./rollout-record.ts";

/** Where a record lies in its file, in bytes. */
export interface RecordPlace {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export interface RolloutWriterOptions {
  /** Of the next record. Undefined: the file is of an old release, whose records have none. */
  readonly nextOrdinal: number | undefined;
}

/** Another program has written to the file of a thread that is loaded: what is known of it here is not all. */
export class RolloutChangedError extends Error {
  override readonly name = "RolloutChangedError";

  constructor(path: string) {
    super(`another program has written to ${path}: resume the thread to go on from there`);
  }
}

const LINE_FEED = 0x0a;

/**
 * Appends to the file of a thread. A record is with the system before {@link RolloutWriter.append} returns: the end of this program, however it comes, takes none of
 * it away. What an earlier end has cut is made whole, or taken away, when the file is opened.
 */
export class RolloutWriter implements Disposable {
  readonly path: string;
  readonly #file: number;
  #size: number;
  #nextOrdinal: number | undefined;
  #closed = false;

  /** @throws Error - The file can not be made, opened or written. */
  constructor(path: string, { nextOrdinal }: RolloutWriterOptions) {
    this.path = path;
    this.#nextOrdinal = nextOrdinal;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#file = openSync(path, "a+", 0o600);
    this.#size = fstatSync(this.#file).size;
    this.#mendEnd();
  }

  /**
   * Add records, in this order.
   *
   * @throws RolloutChangedError - Nothing was written.
   * @throws Error - The disk is full, or the file is gone. What was written of it is taken away again.
   */
  append(records: readonly RolloutRecord[], now: number): readonly RecordPlace[] {
    if (this.#closed) throw new Error(`${this.path} is closed`);
    if (fstatSync(this.#file).size !== this.#size) throw new RolloutChangedError(this.path);
    const places: RecordPlace[] = [];
    let text = "";
    let offset = this.#size;
    let ordinal = this.#nextOrdinal;
    for (const record of records) {
      const line = recordLine(record, ordinal, now);
      const bytes = Buffer.byteLength(line);
      places.push({ path: this.path, offset, length: bytes - 1 });
      offset += bytes;
      if (ordinal !== undefined) ordinal += 1;
      text += line;
    }
    this.#write(Buffer.from(text));
    this.#size = offset;
    this.#nextOrdinal = ordinal;
    return places;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
  }

  #write(bytes: Buffer): void {
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    } catch (error) {
      ftruncateSync(this.#file, this.#size);
      throw error;
    }
  }

  /** A file ends with a line feed, or is empty. */
  #mendEnd(): void {
    const end = this.#size;
    if (end === 0 || this.#byteAt(end - 1) === LINE_FEED) return;
    const start = this.#startOfLastLine();
    const line = Buffer.alloc(end - start);
    readSync(this.#file, line, 0, line.length, start);
    if (readRecord(line.toString("utf8")) === undefined) {
      ftruncateSync(this.#file, start);
      this.#size = start;
      return;
    }
    this.#write(Buffer.from("\n"));
    this.#size = end + 1;
  }

  #startOfLastLine(): number {
    const chunk = Buffer.alloc(READ_CHUNK_BYTES);
    for (let end = this.#size; end > 0; ) {
      const start = Math.max(0, end - chunk.length);
      const read = readSync(this.#file, chunk, 0, end - start, start);
      const at = chunk.subarray(0, read).lastIndexOf(LINE_FEED);
      if (at !== -1) return start + at + 1;
      end = start;
    }
    return 0;
  }

  #byteAt(offset: number): number {
    const byte = Buffer.alloc(1);
    readSync(this.#file, byte, 0, 1, offset);
    return byte.readUInt8(0);
  }
}
