import { bufferPool } from "../platform/buffer-pool.ts";
import { writeAll } from "./content.ts";
import { FileSystemFault, invalidInput, osFault, withFaults } from "./fault.ts";
import { MAX_BLOCK_BYTES, MAX_FILE_OFFSET } from "./limits.ts";
import type { OsCalls } from "./os-calls.ts";

/** A block of a file. */
export interface FileBlock {
  /** May be given to the `bufferPool` when it is of no more use. */
  readonly chunk: Buffer;
  /** Fewer bytes were there than asked for. A block that ends exactly at the end of the file says false. */
  readonly eof: boolean;
}

type State = { readonly kind: "open"; readonly fd: number } | { readonly kind: "closed" };

/**
 * One open file. Operations run in the order of the calls, the close last: a descriptor is never given back while one
 * of them uses it, nor used after.
 *
 * States: `open` until {@link close} is called; then `closed`, while operations that were called before still finish.
 */
export class OpenFileHandle {
  readonly #calls: OsCalls;
  #state: State;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(calls: OsCalls, fd: number) {
    this.#calls = calls;
    this.#state = { kind: "open", fd };
  }

  /** Read `length` bytes, or up to the end. */
  read(offset: bigint, length: number): Promise<FileBlock> {
    return this.#next(async (fd) => {
      if (offset + BigInt(length) > MAX_FILE_OFFSET) throw osFault("EINVAL");
      const buffer = bufferPool.take(length);
      let done = 0;
      while (done < length) {
        const count = await this.#calls.read(fd, buffer, done, length - done, position(offset + BigInt(done)));
        if (count === 0) break;
        done += count;
      }
      return { chunk: buffer.subarray(0, done), eof: done < length };
    });
  }

  /** Write a whole chunk at `offset`; a gap before it becomes a hole. */
  write(offset: bigint, chunk: Buffer): Promise<void> {
    return this.#next(async (fd) => {
      // Node writes at exact integers only; no common file system holds files of 8 PiB.
      if (offset + BigInt(chunk.length) > BigInt(Number.MAX_SAFE_INTEGER)) throw osFault("EFBIG");
      await writeAll(this.#calls, fd, chunk, Number(offset));
    });
  }

  /** Refuse further operations, and give the descriptor back once those under way are done. Idempotent. */
  async close(): Promise<void> {
    if (this.#state.kind === "open") {
      const { fd } = this.#state;
      this.#state = { kind: "closed" };
      this.#tail = this.#tail.then(() => this.#calls.close(fd)).catch(() => {});
    }
    await this.#tail;
  }

  #next<T>(operation: (fd: number) => Promise<T>): Promise<T> {
    if (this.#state.kind === "closed") return Promise.reject(osFault("EBADF"));
    const { fd } = this.#state;
    const result = this.#tail.then(() => withFaults(() => operation(fd)));
    this.#tail = result.catch(() => {});
    return result;
  }
}

const position = (offset: bigint): number | bigint =>
  offset <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(offset) : offset;

/** @throws FileSystemFault `invalid-input` - the length is not between 1 and 1,048,576. */
export function checkBlockLength(direction: "read" | "write", length: number): void {
  if (Number.isInteger(length) && length >= 1 && length <= MAX_BLOCK_BYTES) return;
  throw invalidInput(`file ${direction} block length must be between 1 and ${MAX_BLOCK_BYTES}`);
}

/** @throws FileSystemFault `invalid-input` - the last byte would lie beyond what a file can hold. */
export function checkWriteRange(offset: bigint, length: number): void {
  if (offset + BigInt(length) <= MAX_FILE_OFFSET) return;
  throw invalidInput("file write range exceeds the signed 64-bit file offset limit");
}

/** The answer to an id that names no open handle. */
export const unknownHandle = (id: string): FileSystemFault =>
  new FileSystemFault("not-found", `unknown file handle \`${id}\``);
