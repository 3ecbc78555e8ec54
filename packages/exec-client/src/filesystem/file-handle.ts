import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { abortSignal, checkOptions, type OptionChecks, timeLimit, wholeNumber } from "@holdfast/rpc/client";
import { asUint8Array } from "../as-uint8-array.ts";
import { asFileCall, type FileCall } from "../errors/file-call.ts";
import { InvalidArgumentError } from "../errors.ts";
import { FILE_BLOCK_MAX_BYTES } from "../limits.ts";
import type { FileBlock } from "./types.ts";

/** How to wait for one block. */
export interface BlockCallOptions {
  /** Give up waiting: rejects with `AbortError` or `TimeoutError`, delivery `unknown`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait for the answer; no limit when absent. */
  readonly timeoutMs?: number | undefined;
}

const BLOCK_CALL: OptionChecks<BlockCallOptions> = { signal: abortSignal, timeoutMs: timeLimit };
const checkOffset = wholeNumber(0);

/** `open` leaves to `closed` by `close()`. */
type HandleState = { readonly kind: "open" } | { readonly kind: "closed"; readonly done: Promise<void> };

/** An open file on the executor. It belongs to the connection: losing that closes it. At most 128 at a time. */
export class RemoteFileHandle implements AsyncDisposable {
  readonly #handleId: string;
  readonly #stub: Pick<ExecServerClient, "fs">;
  readonly #onClosed: () => void;
  readonly #opened: Pick<FileCall, "path" | "platformOs">;
  #state: HandleState = { kind: "open" };

  /** Made by `executor.fs.open`. */
  constructor(
    handleId: string,
    stub: Pick<ExecServerClient, "fs">,
    { onClosed, ...opened }: Pick<FileCall, "path" | "platformOs"> & { readonly onClosed: () => void },
  ) {
    this.#handleId = handleId;
    this.#stub = stub;
    this.#onClosed = onClosed;
    this.#opened = opened;
  }

  /**
   * Read one block. The file is the one that was opened, also when its path names another one by now.
   *
   * @param offset - Bytes from the start of the file. Past its end: an empty block.
   * @param length - 1 to 1,048,576 bytes.
   * @throws FileError - `EBADF` once the handle is closed.
   */
  read(offset: number, length: number, options: BlockCallOptions = {}): Promise<FileBlock> {
    return asFileCall({ ...this.#opened, signal: options?.signal, method: "handle.read" }, async () => {
      checkOffset(offset, "offset");
      checkLength("length", length);
      checkOptions(options, BLOCK_CALL, "read");
      const { chunk, eof } = await this.#stub.fs.readBlock({ handleId: this.#handleId, offset, len: length }, options);
      return { data: asUint8Array(chunk), isEnd: eof };
    });
  }

  /**
   * Write one block. Needs a handle opened with mode `replace`.
   *
   * @param offset - Bytes from the start of the file; a hole before it reads as zeros.
   * @param data - 1 to 1,048,576 bytes.
   */
  write(offset: number, data: Uint8Array, options: BlockCallOptions = {}): Promise<void> {
    return asFileCall({ ...this.#opened, signal: options?.signal, method: "handle.write" }, async () => {
      checkOffset(offset, "offset");
      checkLength("data", data.byteLength);
      checkOptions(options, BLOCK_CALL, "write");
      await this.#stub.fs.writeBlock({ handleId: this.#handleId, offset, chunk: new Base64Bytes(data) }, options);
    });
  }

  /** Idempotent. */
  close(): Promise<void> {
    if (this.#state.kind === "open") {
      const closing = this.#stub.fs.close({ handleId: this.#handleId });
      this.#state = { kind: "closed", done: closing.then(() => {}).finally(this.#onClosed) };
    }
    return this.#state.done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function checkLength(argument: string, bytes: number): void {
  if (Number.isInteger(bytes) && bytes >= 1 && bytes <= FILE_BLOCK_MAX_BYTES) return;
  throw new InvalidArgumentError(argument, `${argument} must be 1 to ${FILE_BLOCK_MAX_BYTES} bytes, not ${bytes}`);
}
