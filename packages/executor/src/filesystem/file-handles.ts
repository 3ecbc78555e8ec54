import { FileSystemFault, invalidInput, withFaults } from "./fault.ts";
import { checkBlockLength, checkWriteRange, type FileBlock, OpenFileHandle, unknownHandle } from "./file-handle.ts";
import { MAX_FILE_HANDLES } from "./limits.ts";
import { checkedPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { openRegularFile, openRegularFileForWriting } from "./regular-file.ts";

/** `read`: an existing file. `replace`: created or emptied at once, in place, for writing only. */
export type FileHandleMode = "read" | "replace";

/** An open file, wherever it is open. */
export type OpenedFile = Pick<OpenFileHandle, "read" | "write" | "close">;

/** A byte offset in a file, 0 or more; a number must be a safe integer. */
export type FileOffset = number | bigint;

/** `opening` holds its id and its place; `open` serves. */
type Slot = { readonly kind: "opening" } | { readonly kind: "open"; readonly handle: OpenedFile };

/**
 * The open files of one connection, by ids that its peer chose. At most 128, opens and closes in progress included.
 *
 * States: `serving` until {@link closeAll}; then `closed`, and every open is refused.
 */
export class FileHandles {
  readonly #calls: OsCalls;
  readonly #maxHandles: number;
  readonly #slots = new Map<string, Slot>();
  readonly #opens = new Set<Promise<void>>();
  /** Closes in progress: each gives a place back. */
  readonly #closes = new Set<Promise<void>>();
  #state: "serving" | "closed" = "serving";
  /** Places taken: from the start of an open until its descriptor is given back. */
  #taken = 0;

  constructor(options: { calls?: OsCalls; maxHandles?: number } = {}) {
    this.#calls = options.calls ?? systemCalls;
    this.#maxHandles = options.maxHandles ?? MAX_FILE_HANDLES;
  }

  /**
   * Open a regular file, links followed.
   *
   * @throws FileSystemFault `invalid-input` - the id is in use, no place is free, or the path is no regular file.
   * @throws FileSystemFault `not-found` - nothing is there to read, or no folder to create the file in.
   * @throws FileSystemFault `other` - the handle was closed before it was open.
   * @param open - Opens it; by default in this process.
   */
  open(
    id: string,
    path: Buffer,
    mode: FileHandleMode = "read",
    open: typeof openFile = (checked) => openFile(checked, mode, this.#calls),
  ): Promise<void> {
    const opening = withFaults(() => this.#open(id, () => open(checkedPath(path), mode)));
    const settled = opening.catch(() => {}).finally(() => this.#opens.delete(settled));
    this.#opens.add(settled);
    return opening;
  }

  /**
   * Read one block.
   *
   * An error of the system closes the handle; a refused length does not.
   *
   * @param length - 1 to 1,048,576 bytes.
   * @throws FileSystemFault `not-found` - no such handle.
   * @throws FileSystemFault `invalid-input` - the length, or an offset beyond 2^63 - 1.
   */
  readBlock(id: string, offset: FileOffset, length: number): Promise<FileBlock> {
    return withFaults(async () => {
      checkBlockLength("read", length);
      const handle = this.#find(id);
      try {
        return await handle.read(BigInt(offset), length);
      } catch (thrown) {
        await this.#closeIfStill(id, handle);
        throw thrown;
      }
    });
  }

  /**
   * Write one block. An error leaves the handle open.
   *
   * @param chunk - 1 to 1,048,576 bytes.
   * @throws FileSystemFault `not-found` - no such handle.
   * @throws FileSystemFault `invalid-input` - the length, or an end beyond 2^63 - 1.
   */
  writeBlock(id: string, offset: FileOffset, chunk: Buffer): Promise<void> {
    return withFaults(async () => {
      checkBlockLength("write", chunk.length);
      checkWriteRange(BigInt(offset), chunk.length);
      await this.#find(id).write(BigInt(offset), chunk);
    });
  }

  /** Close a handle once its operations under way are done; an id that names none is fine. */
  async close(id: string): Promise<void> {
    const slot = this.#slots.get(id);
    this.#slots.delete(id);
    if (slot?.kind === "open") await this.#release(slot.handle);
  }

  /** Close every handle, those still being opened too, and refuse new ones. Answers when all descriptors are back. */
  async closeAll(): Promise<void> {
    this.#state = "closed";
    await Promise.all([...this.#slots.keys()].map((id) => this.close(id)));
    await Promise.all(this.#opens);
  }

  async #open(id: string, open: () => Promise<OpenedFile>): Promise<void> {
    // Whoever closed before asking is owed the place.
    while (this.#taken >= this.#maxHandles && this.#closes.size > 0) await Promise.race(this.#closes);
    if (this.#state === "closed") throw closedWhileOpening(id);
    if (this.#slots.has(id)) throw invalidInput(`file handle \`${id}\` already exists`);
    if (this.#taken >= this.#maxHandles) {
      throw invalidInput(`at most ${this.#maxHandles} file handles may be open per connection`);
    }
    const slot: Slot = { kind: "opening" };
    this.#slots.set(id, slot);
    this.#taken += 1;
    let handle: OpenedFile;
    try {
      handle = await open();
    } catch (thrown) {
      this.#taken -= 1;
      if (this.#slots.get(id) === slot) this.#slots.delete(id);
      throw thrown;
    }
    if (this.#slots.get(id) === slot) {
      this.#slots.set(id, { kind: "open", handle });
      return;
    }
    await this.#release(handle);
    throw closedWhileOpening(id);
  }

  #find(id: string): OpenedFile {
    const slot = this.#slots.get(id);
    if (slot?.kind !== "open") throw unknownHandle(id);
    return slot.handle;
  }

  async #closeIfStill(id: string, handle: OpenedFile): Promise<void> {
    const slot = this.#slots.get(id);
    if (slot?.kind === "open" && slot.handle === handle) await this.close(id);
  }

  async #release(handle: OpenedFile): Promise<void> {
    const closing = handle.close().finally(() => {
      this.#closes.delete(closing);
      this.#taken -= 1;
    });
    this.#closes.add(closing);
    await closing;
  }
}

/**
 * Open a regular file, links followed.
 *
 * @throws FileSystemFault `invalid-input` - it is no regular file; `not-found` - nothing is there.
 */
export function openFile(path: Buffer, mode: FileHandleMode, calls: OsCalls = systemCalls): Promise<OpenedFile> {
  return withFaults(async () => new OpenFileHandle(calls, await openDescriptor(calls, checkedPath(path), mode)));
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

const closedWhileOpening = (id: string) =>
  new FileSystemFault("other", `file handle \`${id}\` was closed before it was open`);
