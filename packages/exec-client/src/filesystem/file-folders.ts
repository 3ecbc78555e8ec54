import { displayPath, type PathUri } from "@holdfast/path-uri";
import { asFileCall } from "../errors/file-call.ts";
import type { RemotePath } from "../paths.ts";
import { commandEntries } from "./command-entries.ts";
import type { EntryPort } from "./entry-port.ts";
import { FileCalls } from "./file-calls.ts";
import { FileEntries, isNothingThere } from "./file-entries.ts";
import type { FileHost, FileSession } from "./file-host.ts";
import { COPY, CREATE_DIRECTORY, FILE_CALL, LINKED_FILE_CALL, REMOVE } from "./file-options.ts";
import { checkToldName } from "./told-names.ts";
import type { DirectoryEntry, FileCallOptions, FileMetadata, LinkedFileCallOptions, RemoveOptions } from "./types.ts";
import { wireEntries } from "./wire-entries.ts";

/** What lies in folders: looking at it, making, listing, copying and removing it. */
export abstract class FileFolders extends FileEntries {
  readonly #session: FileSession;
  readonly #calls: FileCalls;
  readonly #host: FileHost;

  protected constructor(session: FileSession, host: FileHost) {
    super({ environment: host.environment, entries: entriesOf(session, host) });
    this.#session = session;
    this.#calls = new FileCalls(host.environment);
    this.#host = host;
  }

  /** Whether something is at a path, links followed. False also where a part of the path is no folder. */
  async exists(path: RemotePath, options: FileCallOptions = {}): Promise<boolean> {
    try {
      await this.metadata(path, options);
      return true;
    } catch (error) {
      if (isNothingThere(error)) return false;
      throw error;
    }
  }

  /** Another name of `createDirectory`. */
  mkdir(
    path: RemotePath,
    options: LinkedFileCallOptions & { readonly recursive?: boolean | undefined } = {},
  ): Promise<void> {
    return this.createDirectory(path, options);
  }

  /**
   * Make a folder.
   *
   * @param options.recursive - Make missing parents, and accept a folder that exists. Default false.
   */
  createDirectory(
    path: RemotePath,
    options: LinkedFileCallOptions & { readonly recursive?: boolean | undefined } = {},
  ): Promise<void> {
    return asFileCall(this.#calls.named("fs.createDirectory", path, options), async () => {
      const { params, call } = this.#calls.split(path, options, { of: "fs.createDirectory", checks: CREATE_DIRECTORY });
      await this.#session.stub.fs.createDirectory({ ...params, recursive: options.recursive ?? false }, call);
    });
  }

  /** Kind, size and times; of the target, for a link. `stat` and `lstat` tell more. */
  metadata(path: RemotePath, options: LinkedFileCallOptions = {}): Promise<FileMetadata> {
    return asFileCall(this.#calls.named("fs.metadata", path, options), async () => {
      const { params, call } = this.#calls.split(path, options, { of: "fs.metadata", checks: LINKED_FILE_CALL });
      const { isDirectory, isFile, isSymlink, size, createdAtMs, modifiedAtMs } =
        await this.#session.stub.fs.getMetadata(params, call);
      return { isDirectory, isFile, isSymlink, size, createdAtMs, modifiedAtMs };
    });
  }

  /** The path with every link resolved. It must exist. */
  canonicalize(path: RemotePath, options: FileCallOptions = {}): Promise<PathUri> {
    return asFileCall(this.#calls.named("fs.canonicalize", path, options), async () => {
      const { params, call } = this.#calls.split(path, options, { of: "fs.canonicalize", checks: FILE_CALL });
      return (await this.#session.stub.fs.canonicalize(params, call)).path;
    });
  }

  /** As `canonicalize`, as the executor's system writes it. */
  async realpath(path: RemotePath, options: FileCallOptions = {}): Promise<string> {
    return displayPath(await this.canonicalize(path, options));
  }

  /**
   * What lies in a folder, in no particular order. A link is told as what it leads to. One that leads nowhere, or where nobody may look,
   * is neither file nor folder; executors without the capability `holdfastFiles` leave it out.
   */
  readDirectory(path: RemotePath, options: FileCallOptions = {}): Promise<DirectoryEntry[]> {
    return asFileCall(this.#calls.named("fs.readDirectory", path, options), async () => {
      const { params, call } = this.#calls.split(path, options, { of: "fs.readDirectory", checks: FILE_CALL });
      const method = "fs/readDirectory";
      const all = this.#host.canChangeEntries ? { holdfastDanglingLinks: true } : {};
      const { entries } = await this.#session.stub.fs.readDirectory({ ...params, ...all }, call);
      for (const [index, { fileName }] of entries.entries())
        checkToldName(fileName, this.#host.environment.pathConvention, { method, index });
      return entries.map(({ fileName, isDirectory, isFile }) => ({ name: fileName, isDirectory, isFile }));
    });
  }

  /** Names in a folder, as `readDirectory`; with `withFileTypes` what it tells of each. */
  readdir(path: RemotePath, options: FileCallOptions & { readonly withFileTypes: true }): Promise<DirectoryEntry[]>;
  readdir(
    path: RemotePath,
    options?: FileCallOptions & { readonly withFileTypes?: false | undefined },
  ): Promise<string[]>;
  async readdir(
    path: RemotePath,
    options: FileCallOptions & { readonly withFileTypes?: boolean | undefined } = {},
  ): Promise<string[] | DirectoryEntry[]> {
    const { withFileTypes = false, ...rest } = options;
    const entries = await this.readDirectory(path, rest);
    return withFileTypes ? entries : entries.map(({ name }) => name);
  }

  /** Another name of `remove`. */
  rm(path: RemotePath, options: RemoveOptions = {}): Promise<void> {
    return this.remove(path, options);
  }

  /** Remove a file, a link (never its target), or an empty folder. */
  remove(path: RemotePath, options: RemoveOptions = {}): Promise<void> {
    return asFileCall(this.#calls.named("fs.remove", path, options), async () => {
      const { params, call } = this.#calls.split(path, options, { of: "fs.remove", checks: REMOVE });
      // Always said aloud: on the wire, absent means true.
      const { recursive = false, force = false } = options;
      await this.#session.stub.fs.remove({ ...params, recursive, force }, call);
    });
  }

  /**
   * Copy a file, a link (as a link) or a folder within the executor.
   *
   * @param options.recursive - Needed for a folder; it is merged into an existing one. Default false.
   */
  copy(
    source: RemotePath,
    destination: RemotePath,
    options: FileCallOptions & { readonly recursive?: boolean | undefined } = {},
  ): Promise<void> {
    return asFileCall(this.#calls.named("fs.copy", source, options, destination), async () => {
      const { params, call } = this.#calls.split(source, options, { of: "fs.copy", checks: COPY, argument: "source" });
      const { path: sourcePath, ...rest } = params;
      const destinationPath = this.#calls.uri(destination, "destination");
      await this.#session.stub.fs.copy(
        { ...rest, sourcePath, destinationPath, recursive: options.recursive ?? false },
        call,
      );
    });
  }

  /** Another name of `copy`. */
  cp(
    source: RemotePath,
    destination: RemotePath,
    options: FileCallOptions & { readonly recursive?: boolean | undefined } = {},
  ): Promise<void> {
    return this.copy(source, destination, options);
  }
}

function entriesOf(
  { stub }: FileSession,
  { canChangeEntries, canRefuseToReplace, commands }: FileHost,
): EntryPort | undefined {
  if (canChangeEntries) return wireEntries(stub, { canRefuse: canRefuseToReplace });
  return commands && commandEntries(commands);
}
