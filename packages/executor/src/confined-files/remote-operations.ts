import type { FileBlock, FileHandleMode, OpenedFile } from "../filesystem/index.ts";
import { bytesOf, byteText } from "./byte-text.ts";
import type { FileOperations } from "./file-operations.ts";
import type { HelperProcess } from "./helper-process.ts";
import { remoteEntryOperations } from "./remote-entry-operations.ts";

/** A helper that its holder keeps from ending. */
export interface HelperLease {
  readonly helper: HelperProcess;
  /** Idempotent. */
  release(): void;
}

/** Operations that a helper carries out. @param lease - Asked for anew for each of them. */
export function remoteOperations(lease: () => Promise<HelperLease>): FileOperations {
  async function within<T>(act: (helper: HelperProcess) => Promise<T>): Promise<T> {
    const held = await lease();
    try {
      return await act(held.helper);
    } finally {
      held.release();
    }
  }
  return {
    ...remoteEntryOperations(within),
    readFile: (path, { followSymlinks }) =>
      within(async (helper) => (await helper.call("readFile", { path: byteText(path), followSymlinks })).payload),
    writeFile: (path, data, { followSymlinks }) =>
      within(async (helper) => void (await helper.call("writeFile", { path: byteText(path), followSymlinks }, data))),
    createDirectory: (path, { recursive, followSymlinks }) =>
      within(async (helper) => {
        await helper.call("createDirectory", { path: byteText(path), recursive, followSymlinks });
      }),
    getMetadata: (path, { followSymlinks }) =>
      within(async (helper) => (await helper.call("getMetadata", { path: byteText(path), followSymlinks })).answers),
    canonicalize: (path) =>
      within(async (helper) => bytesOf((await helper.call("canonicalize", { path: byteText(path) })).answers.path)),
    readDirectory: (path, options) =>
      within(async (helper) => {
        const { entries } = (await helper.call("readDirectory", { path: byteText(path), ...options })).answers;
        return entries.map(({ name, isDirectory, isFile }) => ({ name: bytesOf(name), isDirectory, isFile }));
      }),
    copy: (from, to, { recursive }) =>
      within(async (helper) => void (await helper.call("copy", { from: byteText(from), to: byteText(to), recursive }))),
    remove: (path, { recursive = true, force = true, followSymlinks = true }, { home, cwd }) =>
      within(async (helper) => {
        const places = { home: home && byteText(home), cwd: cwd && byteText(cwd) };
        await helper.call("remove", { path: byteText(path), recursive, force, followSymlinks, ...places });
      }),
    walk: (root, options) =>
      within(async (helper) => (await helper.call("walk", { root: byteText(root), options })).answers),
    open: async (path, mode) => RemoteFile.open(await lease(), path, mode),
  };
}

let lastHandle = 0;

/** A file that is open inside a sandbox. It keeps its helper until it is closed. */
class RemoteFile implements OpenedFile {
  readonly #lease: HelperLease;
  readonly #handle: number;

  static async open(lease: HelperLease, path: Buffer, mode: FileHandleMode): Promise<RemoteFile> {
    lastHandle += 1;
    const handle = lastHandle;
    try {
      await lease.helper.call("open", { handle, path: byteText(path), mode });
      return new RemoteFile(lease, handle);
    } catch (thrown) {
      lease.release();
      throw thrown;
    }
  }

  private constructor(lease: HelperLease, handle: number) {
    this.#lease = lease;
    this.#handle = handle;
  }

  async read(offset: number, length: number): Promise<FileBlock> {
    const block = { handle: this.#handle, offset, length };
    const { answers, payload } = await this.#lease.helper.call("readBlock", block);
    return { chunk: payload, eof: answers.eof };
  }

  async write(offset: number, chunk: Buffer): Promise<void> {
    await this.#lease.helper.call("writeBlock", { handle: this.#handle, offset }, chunk);
  }

  async close(): Promise<void> {
    try {
      await this.#lease.helper.call("close", { handle: this.#handle });
    } catch {
      // The helper is gone, and the file with it.
    } finally {
      this.#lease.release();
    }
  }
}
