import { FileSystemFault, invalidInput, withFaults } from "./fault.ts";
import { checkBlockLength, type FileBlock, OpenFileHandle, unknownHandle } from "./file-handle.ts";
import { checkWriteRange } from "./file-offset.ts";
import { MAX_FILE_HANDLES } from "./limits.ts";
import { checkedPath } from "./native-path.ts";
import { OperationOrder } from "./operation-order.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { openRegularFile, openRegularFileForWriting } from "./regular-file.ts";

/** `read`: an existing file. `replace`: created or emptied at once, in place, for writing only. */
export type FileHandleMode = "read" | "replace";

/** An open file, wherever it is open. */
export type OpenedFile = Pick<OpenFileHandle, "read" | "write" | "close">;

export interface FileHandlesOptions {
  readonly calls?: OsCalls;
  readonly maxHandles?: number;
  /** What else is done to files: opening one for writing creates or empties it, a change like any other. */
  readonly order?: OperationOrder;
}

/** What an id stands for. */
interface Slot {
  /** The file, once everything asked of the id so far is done; `undefined` where that leaves none. Never rejects. */
  readonly done: Promise<OpenedFile | undefined>;
  /** The same, as far as it is known without waiting. */
  file: OpenedFile | undefined;
}

/**
 * The open files of one connection, by ids that its peer chose. At most 128, opens and closes in progress included.
 *
 * What is asked of one id takes effect in that order, without waiting for answers: a block waits for the open before it, an
 * open for the close before it. Blocks are kept in order by the open file itself.
 *
 * States: `serving` until {@link closeAll}; then `closed`, and every open is refused.
 */
export class FileHandles {
  readonly #calls: OsCalls;
  readonly #maxHandles: number;
  readonly #order: OperationOrder;
  readonly #slots = new Map<string, Slot>();
  /** Opens that have begun. */
  readonly #opens = new Set<Promise<OpenedFile>>();
  /** Closes of what is open: each gives a place back. */
  readonly #closes = new Set<Promise<void>>();
  #state: "serving" | "closed" = "serving";
  /** Places taken: from the start of an open until its descriptor is given back. */
  #taken = 0;

  constructor({ calls = systemCalls, maxHandles = MAX_FILE_HANDLES, order }: FileHandlesOptions = {}) {
    this.#calls = calls;
    this.#maxHandles = maxHandles;
    this.#order = order ?? new OperationOrder();
  }

  /**
   * Open a regular file, links followed.
   *
   * @throws FileSystemFault `invalid-input` - the id is in use, no place is free, or the path is no regular file.
   * @throws FileSystemFault `not-found` - nothing is there to read, or no folder to create the file in.
   * @throws FileSystemFault `other` - the connection was gone before it was open.
   * @param open - Opens it; by default in this process.
   */
  open(
    id: string,
    path: Buffer,
    mode: FileHandleMode = "read",
    open: (path: Buffer, mode: FileHandleMode) => Promise<OpenedFile> = (checked) =>
      openFile(checked, mode, this.#calls),
  ): Promise<void> {
    const before = this.#slots.get(id)?.done;
    const opening = () =>
      withFaults(async () => {
        if (before !== undefined && (await before) !== undefined)
          throw invalidInput(`file handle \`${id}\` already exists`);
        return this.#openAt(id, () => open(checkedPath(path), mode));
      });
    const opened = mode === "read" ? this.#order.observe(opening) : this.#order.change(opening);
    this.#fill(
      id,
      opened.catch(() => before),
    );
    return opened.then(() => {});
  }

  /**
   * Read one block.
   *
   * An error of the system closes the handle; a refused length does not.
   *
   * @param offset - Whole bytes, 0 or more.
   * @param length - 1 to 1,048,576 bytes.
   * @throws FileSystemFault `not-found` - no such handle.
   * @throws FileSystemFault `invalid-input` - the length, or an offset beyond 2^63 - 1.
   */
  readBlock(id: string, offset: number, length: number): Promise<FileBlock> {
    return withFaults(async () => {
      checkBlockLength("read", length);
      const file = await this.#slots.get(id)?.done;
      if (file === undefined) throw unknownHandle(id);
      try {
        return await file.read(offset, length);
      } catch (thrown) {
        if ((await this.#slots.get(id)?.done) === file) await this.close(id);
        throw thrown;
      }
    });
  }

  /**
   * Write one block. An error leaves the handle open.
   *
   * @param offset - Whole bytes, 0 or more.
   * @param chunk - 1 to 1,048,576 bytes.
   * @throws FileSystemFault `not-found` - no such handle.
   * @throws FileSystemFault `invalid-input` - the length, or an end beyond 2^63 - 1.
   */
  writeBlock(id: string, offset: number, chunk: Buffer): Promise<void> {
    return withFaults(async () => {
      checkBlockLength("write", chunk.length);
      checkWriteRange(offset, chunk.length);
      // As far from the call as in `readBlock`: blocks reach the file in the order in which they were asked for.
      const file = await this.#slots.get(id)?.done;
      if (file === undefined) throw unknownHandle(id);
      await file.write(offset, chunk);
    });
  }

  /** Close a handle once what was asked of it before is done; an id that names none is fine. */
  async close(id: string): Promise<void> {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    const closing = slot.done.then((file) => file && this.#release(file));
    this.#fill(
      id,
      closing.then(() => undefined),
    );
    if (slot.file !== undefined) this.#owePlace(closing);
    await closing;
  }

  /** Close every handle, those still being opened too, and refuse new ones. Answers when all descriptors are back. */
  async closeAll(): Promise<void> {
    this.#state = "closed";
    for (const id of [...this.#slots.keys()]) void this.close(id);
    await Promise.allSettled(this.#opens);
    await Promise.all(this.#closes);
  }

  async #openAt(id: string, open: () => Promise<OpenedFile>): Promise<OpenedFile> {
    // A close that came before this open frees its place first.
    while (this.#taken >= this.#maxHandles && this.#closes.size > 0) await Promise.race(this.#closes);
    if (this.#isClosed()) throw closedWhileOpening(id);
    if (this.#taken >= this.#maxHandles) {
      throw invalidInput(`at most ${this.#maxHandles} file handles may be open per connection`);
    }
    const opening = open();
    this.#opens.add(opening);
    this.#taken += 1;
    let file: OpenedFile;
    try {
      file = await opening;
    } catch (thrown) {
      this.#taken -= 1;
      throw thrown;
    } finally {
      this.#opens.delete(opening);
    }
    if (!this.#isClosed()) return file;
    await this.#release(file);
    throw closedWhileOpening(id);
  }

  /** From here on this is what the id stands for. */
  #fill(id: string, done: Promise<OpenedFile | undefined>): void {
    const slot: Slot = { done, file: undefined };
    this.#slots.set(id, slot);
    void done.then((file) => {
      slot.file = file;
      if (file === undefined && this.#slots.get(id) === slot) this.#slots.delete(id);
    });
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #release(file: OpenedFile): Promise<void> {
    const closing = file.close().finally(() => {
      this.#taken -= 1;
    });
    this.#owePlace(closing);
    return closing;
  }

  #owePlace(closing: Promise<void>): void {
    const settled = closing.finally(() => this.#closes.delete(settled));
    this.#closes.add(settled);
  }
}

/**
 * Open a regular file, links followed. What the system refuses is thrown as the system says it.
 *
 * @throws FileSystemFault `invalid-input` - it is no regular file.
 */
export async function openFile(path: Buffer, mode: FileHandleMode, calls: OsCalls = systemCalls): Promise<OpenedFile> {
  return new OpenFileHandle(calls, await openDescriptor(calls, checkedPath(path), mode));
}

async function openDescriptor(calls: OsCalls, path: Buffer, mode: FileHandleMode): Promise<number> {
  if (mode === "read") return (await openRegularFile(calls, path, { followSymlinks: true })).fd;
  const { fd } = await openRegularFileForWriting(calls, path);
  try {
    await calls.ftruncate(fd, 0);
    return fd;
  } catch (thrown) {
    await calls.close(fd);
    throw thrown;
  }
}

function closedWhileOpening(id: string): FileSystemFault {
  return new FileSystemFault("other", `file handle \`${id}\` was closed before it was open`);
}
