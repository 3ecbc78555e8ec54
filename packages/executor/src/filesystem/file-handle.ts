import { bufferPool } from "../platform/buffer-pool.ts";
import { writeAll } from "./content.ts";
import { FileSystemFault, invalidInput, osFault } from "./fault.ts";
import { checkReadRange, checkWritable, readPosition } from "./file-offset.ts";
import { MAX_BLOCK_BYTES } from "./limits.ts";
import { OperationOrder } from "./operation-order.ts";
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
 * One open file. Operations run in the order of the calls, one at a time, the close last: a descriptor is never given back
 * while one of them uses it, nor used after. What the system refuses is thrown as the system says it.
 *
 * States: `open` until {@link close} is called; then `closed`, while operations that were called before still finish.
 */
export class OpenFileHandle {
  readonly #calls: OsCalls;
  readonly #order = new OperationOrder();
  #state: State;

  constructor(calls: OsCalls, fd: number) {
    this.#calls = calls;
    this.#state = { kind: "open", fd };
  }

  /** Read `length` bytes, or up to the end. */
  read(offset: number, length: number): Promise<FileBlock> {
    return this.#next(async (fd) => {
      checkReadRange(offset, length);
      const buffer = bufferPool.take(length);
      let done = 0;
      while (done < length) {
        const count = await this.#calls.read(fd, buffer, done, length - done, readPosition(offset, done));
        if (count === 0) break;
        done += count;
      }
      return { chunk: buffer.subarray(0, done), eof: done < length };
    });
  }

  /** Write a whole chunk at `offset`; a gap before it becomes a hole. */
  write(offset: number, chunk: Buffer): Promise<void> {
    return this.#next(async (fd) => {
      checkWritable(offset, chunk.length);
      await writeAll(this.#calls, fd, chunk, offset);
    });
  }

  /** Refuse further operations, and give the descriptor back once those under way are done. Idempotent. */
  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: "closed" };
    await this.#order.change(async () => {
      if (state.kind === "open") await this.#calls.close(state.fd).catch(() => {});
    });
  }

  #next<T>(operation: (fd: number) => Promise<T>): Promise<T> {
    if (this.#state.kind === "closed") return Promise.reject(osFault("EBADF"));
    const { fd } = this.#state;
    return this.#order.change(() => operation(fd));
  }
}

/** @throws FileSystemFault `invalid-input` - the length is not between 1 and 1,048,576. */
export function checkBlockLength(direction: "read" | "write", length: number): void {
  if (Number.isInteger(length) && length >= 1 && length <= MAX_BLOCK_BYTES) return;
  throw invalidInput(`file ${direction} block length must be between 1 and ${MAX_BLOCK_BYTES}`);
}

/** The answer to an id that names no open handle. */
export function unknownHandle(id: string): FileSystemFault {
  return new FileSystemFault("not-found", `unknown file handle \`${id}\``);
}
