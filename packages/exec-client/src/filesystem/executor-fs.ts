import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { type Clock, isLinkError } from "@holdfast/rpc";
import { abortable, abortedCall } from "../abortable.ts";
import { checkOptions, type OptionChecks } from "../arguments/check-options.ts";
import { asUint8Array } from "../as-uint8-array.ts";
import type { Environment } from "../environment.ts";
import { asFileCall, type FileCall } from "../errors/file-call.ts";
import { refusalOf } from "../errors/refusal.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { InvalidArgumentError } from "../errors.ts";
import {
  FILE_HANDLES_MAX,
  FILE_HANDLES_TO_WRITE,
  FILE_MESSAGE_MAX_BYTES,
  WALK_MAX_DEPTH,
  WALK_MAX_DIRECTORIES,
  WALK_MAX_ENTRIES,
  WATCH_POLL_INTERVAL_MS,
} from "../limits.ts";
import { type KnownConvention, type RemotePath, toPathUri } from "../paths.ts";
import { type SandboxHost, sandboxContextOf } from "../sandbox/sandbox-context.ts";
import { type CommandHost, commandEntries } from "./command-entries.ts";
import { globByCommand, searchByCommand } from "./command-search.ts";
import type { EntryPort, MethodName } from "./entry-port.ts";
import type { StagingStub } from "./executor-stage.ts";
import type { FileSource } from "./file-blocks.ts";
import { bytesInMemory, checkFileData, piecesOf } from "./file-data.ts";
import { FileEntries, isNothingThere } from "./file-entries.ts";
import { RemoteFileHandle } from "./file-handle.ts";
import type { FileOperations, OpenMode } from "./file-operations.ts";
import {
  COPY,
  COPY_AT_ONCE,
  CREATE_DIRECTORY,
  FILE_CALL,
  GLOB,
  LINKED_FILE_CALL,
  OPEN,
  READ_STREAM,
  REMOVE,
  SEARCH,
  STAGE_TREE,
  WALK,
  WATCH,
  WRITE_FILE,
  WRITE_STREAM,
} from "./file-options.ts";
import { STAGE_FILE, TREE_CALLS } from "./internal-calls.ts";
import type { StartProgram } from "./keeper.ts";
import { readLargeFile, refuseLink, sizeOfLargeFile, writeLargeFile } from "./large-files.ts";
import { Places, type PlaceWait } from "./places.ts";
import { watchByPolling } from "./polled-watch.ts";
import { fileReadStream, type ReadStreamRange } from "./read-stream.ts";
import { globRequest, textRequest } from "./search-request.ts";
import type { GlobEntry, GlobOptions, SearchMatch, SearchOptions } from "./search-types.ts";
import { type StagingPort, stageFile, stageFillable } from "./stage-file.ts";
import { stageTree } from "./stage-tree.ts";
import type { FillableFileOptions, StagedFile } from "./staged-file.ts";
import { withStagedPlaces } from "./staged-places.ts";
import type { StagedTree, StagedTreeOptions } from "./staged-tree.ts";
import { checkToldName, checkToldPath } from "./told-names.ts";
import { toldTree } from "./told-tree.ts";
import type {
  DirectoryEntry,
  FileCallOptions,
  FileData,
  FileMetadata,
  LinkedFileCallOptions,
  PlaceOptions,
  WalkOptions,
  WalkResult,
  WriteFileOptions,
  WriteStreamOptions,
} from "./types.ts";
import type { FileWatch, WatchOptions } from "./watch-types.ts";
import { wireEntries } from "./wire-entries.ts";
import { globOnExecutor, searchOnExecutor } from "./wire-search.ts";
import { watchOnExecutor } from "./wire-watch.ts";
import { type StageOptions, writeNewFile } from "./write-new-file.ts";
import { fileWriteStream } from "./write-stream.ts";

/** What the files need from their session. */
export interface FileSession {
  readonly stub: Pick<ExecServerClient, "fs" | "holdfast" | "on">;
  readonly clock: Clock;
  /** The connection there is, or the next one. */
  line(
    method: string,
    options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number | undefined },
  ): Promise<HandleLine & { readonly stub: Pick<ExecServerClient, "fs">; readonly lost: Promise<unknown> }>;
}

/** What the files need of the executor's other sides. */
export interface FileHost {
  /** What a sandbox is written for. */
  readonly environment: SandboxHost & Pick<Environment, "cwd" | "platformOs">;
  readonly convention: KnownConvention;
  /** Capability `fileWriteStreaming`. */
  readonly canStream: boolean;
  /** Capability `holdfastStaging`. */
  readonly canStage: boolean;
  /** Capability `holdfastFiles`. */
  readonly canChangeEntries: boolean;
  /** Capability `holdfastSearch`. */
  readonly canSearch: boolean;
  /** Capability `holdfastWatch`. */
  readonly canWatch: boolean;
  /** What stands in for these on an executor that runs Linux; undefined elsewhere. */
  readonly commands: CommandHost | undefined;
  /** Capability `holdfastTrees`. */
  readonly canArchive: boolean;
  /** Puts large files in place on executors that stage nothing. */
  readonly start: StartProgram;
}

/** The connection that open files belong to. */
interface HandleLine {
  /** Resolves when it is of no more use. */
  readonly lost: Promise<unknown>;
}

/** What a file is opened for. */
type HandleUse = "one by one" | "read as a stream";

/**
 * The files of the executor.
 *
 * Paths are absolute, as the executor's system writes them, or `file:` URIs. Refusals are `FileError`: its `code` is the
 * name of the system's error, such as `ENOENT`, its `cause` what the executor answered. `LinkError` with delivery `unknown` says
 * that a change may have happened: reads are repeated after a lost connection, changes never are.
 */
export class ExecutorFileSystem extends FileEntries implements FileOperations {
  readonly #session: FileSession;
  readonly #stub: Pick<ExecServerClient, "fs">;
  readonly #convention: KnownConvention;
  readonly #host: FileHost;
  readonly #places = new WeakMap<HandleLine, Readonly<Record<HandleUse, Places>>>();
  #stagingStub: StagingStub | undefined;
  #lastHandle = 0;

  /** For `@holdfast/exec-client/transfer`: undefined without the capability `holdfastTrees`. */
  readonly [TREE_CALLS]: ExecServerClient["holdfast"] | undefined;

  /** Made by `connect`. */
  constructor(session: FileSession, host: FileHost) {
    super({ environment: host.environment, entries: entriesOf(session, host) });
    this[TREE_CALLS] = host.canArchive ? session.stub.holdfast : undefined;
    this.#session = session;
    this.#stub = session.stub;
    this.#convention = host.convention;
    this.#host = host;
  }

  /**
   * Read a whole regular file of up to 512 MiB: in one message up to 11 MiB, above that in blocks, so that its size never
   * breaks the connection. Prefer `createReadStream` for what need not be in memory as a whole.
   *
   * With `followSymlinks: false`, and with a `sandbox` on executors before 0.150, it is one message up to 190 MiB.
   *
   * @throws FileTransferError - `changed`: it grew beyond 512 MiB meanwhile, or was another after a lost connection.
   * `unsupported`: it is larger than a message without links may be.
   */
  readFile(path: RemotePath, options: LinkedFileCallOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return asFileCall(this.#named("fs.readFile", path, options), async () => {
      const { params, call } = this.#split(path, options, { of: "fs.readFile", checks: LINKED_FILE_CALL });
      const left = this.#timeLeft(options.timeoutMs);
      const size = await sizeOfLargeFile(this, path, options);
      if (size !== undefined) {
        const { clock } = this.#session;
        const whole = await readLargeFile(this.#source(path, options), { ...call, timeoutMs: left(), clock, size });
        if (whole !== undefined) return whole;
      }
      const { dataBase64 } = await this.#stub.fs.readFile(params, { ...call, timeoutMs: left() });
      return asUint8Array(dataBase64);
    });
  }

  /** As `readFile`, decoded as UTF-8. Bytes that are none become U+FFFD; a byte order mark stays. */
  async readTextFile(path: RemotePath, options: LinkedFileCallOptions = {}): Promise<string> {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await this.readFile(path, options));
  }

  /**
   * Create a file or replace its content. Its folder must exist. Links are written through.
   *
   * Up to 11 MiB in one message: whether others can see a part of it is up to the executor (not on this project's).
   * Above that, and from a stream, as `createWriteStream` does. `data` must not change meanwhile; a stream is cancelled when
   * the file can not be written.
   *
   * @throws FileError - `EEXIST`, with `flag: "wx"`: something has the name.
   */
  writeFile(path: RemotePath, data: FileData, options: WriteFileOptions = {}): Promise<void> {
    return asFileCall(this.#named("fs.writeFile", path, options), async () => {
      const { params, call } = this.#split(path, options, { of: "fs.writeFile", checks: WRITE_FILE });
      const { mode, flag = "w" } = options;
      checkFileData(data);
      const isSmallBlob = data instanceof Blob && data.size <= FILE_MESSAGE_MAX_BYTES;
      const bytes = isSmallBlob ? new Uint8Array(await data.arrayBuffer()) : bytesInMemory(data);
      const isSmall = bytes !== undefined && bytes.byteLength <= FILE_MESSAGE_MAX_BYTES;
      if (isSmall && mode === undefined && flag === "w") {
        await this.#stub.fs.writeFile({ ...params, dataBase64: new Base64Bytes(bytes) }, call);
        return;
      }
      const { canChangeEntries, commands } = this.#host;
      if (isSmall && canChangeEntries) {
        const how = { ...(mode === undefined ? {} : { mode }), exclusive: flag === "wx" };
        await this.#session.stub.holdfast.writeFile({ ...params, ...how, chunk: new Base64Bytes(bytes) }, call);
        return;
      }
      const content = bytes ?? ((signal: AbortSignal) => piecesOf(data, signal));
      const patience = { ...call, clock: this.#session.clock };
      const stage = { sandbox: options.sandbox, mode };
      if (flag === "wx") {
        const port = { stub: this.#session.stub, canChangeEntries, commands, fs: this };
        const stageAt = (at: PathUri, more: StageOptions) => this.#stage(at, { ...stage, ...more });
        return writeNewFile({ ...port, stage: stageAt, clock: patience.clock }, params.path, content, {
          ...call,
          ...params,
          mode,
        });
      }
      await refuseLink(this, path, options);
      return writeLargeFile((signal) => this.#stage(params.path, { ...stage, signal }), content, patience);
    });
  }

  /** As `writeFile`, in UTF-8. */
  writeTextFile(path: RemotePath, text: string, options: WriteFileOptions = {}): Promise<void> {
    return this.writeFile(path, text, options);
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
    return asFileCall(this.#named("fs.createDirectory", path, options), async () => {
      const { params, call } = this.#split(path, options, { of: "fs.createDirectory", checks: CREATE_DIRECTORY });
      await this.#stub.fs.createDirectory({ ...params, recursive: options.recursive ?? false }, call);
    });
  }

  /** Kind, size and times; of the target, for a link. `stat` and `lstat` tell more. */
  metadata(path: RemotePath, options: LinkedFileCallOptions = {}): Promise<FileMetadata> {
    return asFileCall(this.#named("fs.metadata", path, options), async () => {
      const { params, call } = this.#split(path, options, { of: "fs.metadata", checks: LINKED_FILE_CALL });
      const { isDirectory, isFile, isSymlink, size, createdAtMs, modifiedAtMs } = await this.#stub.fs.getMetadata(
        params,
        call,
      );
      return { isDirectory, isFile, isSymlink, size, createdAtMs, modifiedAtMs };
    });
  }

  /** The path with every link resolved. It must exist. */
  canonicalize(path: RemotePath, options: FileCallOptions = {}): Promise<PathUri> {
    return asFileCall(this.#named("fs.canonicalize", path, options), async () => {
      const { params, call } = this.#split(path, options, { of: "fs.canonicalize", checks: FILE_CALL });
      return (await this.#stub.fs.canonicalize(params, call)).path;
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
    return asFileCall(this.#named("fs.readDirectory", path, options), async () => {
      const { params, call } = this.#split(path, options, { of: "fs.readDirectory", checks: FILE_CALL });
      const method = "fs/readDirectory";
      const all = this.#host.canChangeEntries ? { holdfastDanglingLinks: true } : {};
      const { entries } = await this.#stub.fs.readDirectory({ ...params, ...all }, call);
      for (const [index, { fileName }] of entries.entries())
        checkToldName(fileName, this.#convention, { method, index });
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
  rm(
    path: RemotePath,
    options: LinkedFileCallOptions & {
      readonly recursive?: boolean | undefined;
      readonly force?: boolean | undefined;
    } = {},
  ): Promise<void> {
    return this.remove(path, options);
  }

  /**
   * Remove a file, a link (never its target), or an empty folder.
   *
   * @param options.recursive - Remove a folder with everything in it. Default false.
   * @param options.force - Accept that there is nothing to remove. Default false.
   */
  remove(
    path: RemotePath,
    options: LinkedFileCallOptions & {
      readonly recursive?: boolean | undefined;
      readonly force?: boolean | undefined;
    } = {},
  ): Promise<void> {
    return asFileCall(this.#named("fs.remove", path, options), async () => {
      const { params, call } = this.#split(path, options, { of: "fs.remove", checks: REMOVE });
      // Always said aloud: on the wire, absent means true.
      const { recursive = false, force = false } = options;
      await this.#stub.fs.remove({ ...params, recursive, force }, call);
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
    return asFileCall(this.#named("fs.copy", source, options, destination), async () => {
      const { params, call } = this.#split(source, options, { of: "fs.copy", checks: COPY, argument: "source" });
      const { path: sourcePath, ...rest } = params;
      const destinationPath = toPathUri(destination, this.#convention, "destination");
      await this.#stub.fs.copy({ ...rest, sourcePath, destinationPath, recursive: options.recursive ?? false }, call);
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

  /**
   * List a tree, breadth first, within bounds. Needs an executor of 0.144 or later (older: `UnsupportedError`). Symbolic
   * links that are not followed are left out, unless `includeSymlinks` asks for them.
   */
  walk(path: RemotePath, options: WalkOptions & { readonly paths: "native" }): Promise<WalkResult<string>>;
  walk(path: RemotePath, options?: WalkOptions & { readonly paths?: "uri" | undefined }): Promise<WalkResult>;
  walk(path: RemotePath, options: WalkOptions = {}): Promise<WalkResult | WalkResult<string>> {
    return asFileCall(this.#named("fs.walk", path, options), async () => {
      const { params, call } = this.#split(path, options, { of: "fs.walk", checks: WALK });
      const { includeSymlinks = false, paths = "uri" } = options;
      if (includeSymlinks && !this.#host.canChangeEntries) {
        throw new UnsupportedError("fs.walk with includeSymlinks", "the capability `holdfastFiles`");
      }
      const bounds = {
        ...(includeSymlinks ? { holdfastSymlinks: true } : {}),
        maxDepth: options.maxDepth ?? WALK_MAX_DEPTH,
        maxDirectories: options.maxDirectories ?? WALK_MAX_DIRECTORIES,
        maxEntries: options.maxEntries ?? WALK_MAX_ENTRIES,
        followDirectorySymlinks: options.followDirectorySymlinks ?? false,
        pruneHiddenDirectories: options.pruneHiddenDirectories ?? false,
      };
      const found = await this.#stub.fs.walk({ ...params, options: bounds }, call);
      for (const [index, entry] of found.entries.entries()) {
        checkToldPath(entry.path, params.path, { method: "fs/walk", member: ["entries", index, "path"] });
      }
      if (paths === "uri") return found;
      return {
        entries: found.entries.map(({ path: uri, kind }) => ({ path: displayPath(uri), kind })),
        errors: found.errors.map(({ path: uri, message }) => ({ path: displayPath(uri), message })),
        truncated: found.truncated,
      };
    });
  }

  /**
   * Find files, folders and whatever else has a name, by patterns of their paths below `cwd`: `*` and `?` within a name, `[…]`, `{a,b}`, `**`
   * for any number of names. A folder comes before what lies in it, names in byte order.
   *
   * Runs on an executor with `holdfastSearch`, page by page: nothing more is looked for once the loop is left. On others that run
   * Linux, GNU `find` lists everything below `cwd` (up to 16 MiB of names) and patterns are matched here; elsewhere it is an
   * `UnsupportedError`.
   *
   * @throws InvalidArgumentError - A pattern or an option can not be used. What else goes wrong is told by the loop.
   */
  glob(patterns: string | readonly string[], options: GlobOptions = {}): AsyncGenerator<GlobEntry> {
    const request = globRequest(patterns, options, this.#searchIn("fs.glob", options, GLOB));
    if (this.#host.canSearch) return globOnExecutor(this.#session.stub, request);
    return globByCommand(this.#commandsFor("fs.glob").run, request);
  }

  /**
   * Find lines in the text files below `cwd`: by a text, or by a regular expression, each line with its first match. Files with a
   * NUL in their beginning are left out.
   *
   * Runs on an executor with `holdfastSearch`, page by page, in bounded time: an expression that takes more than a second on one file is
   * refused. On others that run Linux a text is searched by GNU `grep`, without `maxFileBytes`; a regular expression, and other
   * systems, are an `UnsupportedError`.
   *
   * @throws InvalidArgumentError - A pattern or an option can not be used. What else goes wrong is told by the loop.
   */
  search(pattern: string | RegExp, options: SearchOptions = {}): AsyncGenerator<SearchMatch> {
    const request = textRequest(pattern, options, this.#searchIn("fs.search", options, SEARCH));
    if (this.#host.canSearch) return searchOnExecutor(this.#session.stub, request);
    return searchByCommand(this.#commandsFor("fs.search").run, request);
  }

  /**
   * Watch a folder, or a file by its name, and hear what happens. The watch is there when `ready` resolves, and goes on after a lost
   * connection, then with an `overflow`.
   *
   * What happens to one path within 50 ms is told once. Events that are not read are kept, 8,192 of them; then they are an `overflow`.
   * An executor with `holdfastWatch` is told by its kernel, of at most 8,192 folders and 32 watches of a session; what is reached through
   * links is not watched, and a `sandbox` must let everything be read. On others that run Linux, everything is listed every second
   * (`pollIntervalMs`), by GNU `find`; elsewhere it is an `UnsupportedError`.
   *
   * When what is watched goes away, that is told as `removed`, and the loop ends.
   *
   * @throws InvalidArgumentError, UnsupportedError. What else goes wrong is told by `ready` and by the loop.
   */
  watch(path: RemotePath, options: WatchOptions = {}): FileWatch {
    const method = "fs.watch";
    const { recursive = false, pollIntervalMs = WATCH_POLL_INTERVAL_MS, ...rest } = options;
    checkOptions(options, WATCH, method);
    const { params } = this.#split(path, rest, { of: method, checks: FILE_CALL });
    const { sandbox } = params;
    const confined = sandbox === undefined ? {} : { sandbox };
    const call = { method, signal: options.signal, timeoutMs: undefined, recursive, ...confined } as const;
    const { canWatch, commands } = this.#host;
    if (canWatch) return watchOnExecutor(this.#session, params.path, call);
    if (commands === undefined) throw new UnsupportedError(method, "the capability `holdfastWatch`");
    const { clock } = this.#session;
    return watchByPolling(commands.run, params.path, { ...call, pollIntervalMs, clock });
  }

  /**
   * Open a regular file for `read` and `close`, or for `write` with mode `replace`.
   *
   * At most 128 are open at a time, those of streams included; one more waits until another is closed, for as long as `signal` and
   * `timeoutMs` allow.
   */
  open(
    path: RemotePath,
    options: FileCallOptions & { readonly mode?: OpenMode | undefined } = {},
  ): Promise<RemoteFileHandle> {
    return this.#open(path, options, "one by one");
  }

  #open(
    path: RemotePath,
    options: FileCallOptions & { readonly mode?: OpenMode | undefined },
    use: HandleUse,
  ): Promise<RemoteFileHandle> {
    return asFileCall(this.#named("fs.open", path, options), async () => {
      const { mode = "read" } = options;
      const { params, call } = this.#split(path, options, { of: "fs.open", checks: OPEN });
      const { signal, timeoutMs } = call;
      if (signal?.aborted) throw abortedCall("fs/open", "not-sent", signal);
      // A handle belongs to its connection. On another one its name would mean nothing.
      const { stub, giveBack, remainingMs } = await this.#boundLine(use, { signal, timeoutMs });
      this.#lastHandle += 1;
      // Unique on the connection is enough, and executors take no more than 32 bytes.
      const handleId = `file-${this.#lastHandle}`;
      const handle = new RemoteFileHandle(handleId, stub, { ...this.#named("", path, {}), onClosed: giveBack });
      const discard = (): void => void handle.close().catch(() => {});
      const opened = stub.fs.open(
        { ...params, handleId, ...(mode === "read" ? {} : { mode }) },
        { timeoutMs: remainingMs },
      );
      try {
        await abortable(opened, signal, { method: "fs/open", whenLate: discard });
      } catch (error) {
        const mayBeOpen = isLinkError(error) ? error.code === "timeout" : refusalOf(error) === undefined;
        if (mayBeOpen) discard();
        // Given up, it is closed as soon as it is open; refused, there is nothing to close.
        else opened.catch(giveBack);
        throw error;
      }
      return handle;
    });
  }

  /** Read a file of any size in blocks, as fast as they are taken. Nothing is asked for before the first read. */
  createReadStream(
    path: RemotePath,
    options: ReadStreamRange & Pick<FileCallOptions, "sandbox"> = {},
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    checkOptions(options, READ_STREAM, "fs.createReadStream");
    toPathUri(path, this.#convention, "path");
    const { sandbox } = options;
    return fileReadStream(this.#source(path, { sandbox }), options, this.#named("fs.createReadStream", path, options));
  }

  /**
   * Create a file or replace one, from a stream of any size. Its folder must exist. Links are written through, unless
   * `noFollowNames` says otherwise; what leads to nothing yet is replaced.
   *
   * Nothing is under the name before the close: the bytes go to `.holdfast-…` files beside it, and one rename puts them
   * in place, by `mv` of the executor's `sh`. Where there is no `sh`, `fs/copy` does. After an error the name still has
   * what it had. Not kept of a file that is replaced: its owner and its other hard links. It goes on after a lost connection.
   *
   * With a `sandbox` the file is written in place: after an error it holds a part.
   *
   * @throws FileTransferError - From the stream: `not-placed`, `unsupported`.
   */
  createWriteStream(path: RemotePath, options: WriteStreamOptions = {}): WritableStream<Uint8Array | string> {
    checkOptions(options, WRITE_STREAM, "fs.createWriteStream");
    const uri = toPathUri(path, this.#convention, "path");
    const call = this.#named("fs.createWriteStream", path, options);
    return fileWriteStream(() => this.#stage(uri, options), options, call);
  }

  /**
   * Copy a file within the executor, links followed (in the destination but for `noFollowNames`): its new name has the whole
   * file or what it had. Permission bits come along. It goes on after a lost connection.
   *
   * @throws FileTransferError - `not-placed`.
   */
  copyAtOnce(
    source: RemotePath,
    destination: RemotePath,
    options: PlaceOptions & Pick<FileCallOptions, "signal"> = {},
  ): Promise<void> {
    return asFileCall(this.#named("fs.copyAtOnce", source, options, destination), async () => {
      checkOptions(options, COPY_AT_ONCE, "fs.copyAtOnce");
      const from = toPathUri(source, this.#convention, "source");
      const to = toPathUri(destination, this.#convention, "destination");
      const file = await stageFillable(this.#stagingPort(), to, options);
      try {
        await file.copyFrom(from);
        await file.commit();
      } catch (error) {
        await file.discard();
        throw error;
      }
    });
  }

  /**
   * Begin a folder that is under its name only when it is whole, or is merged file by file into one that is there. Links
   * in the path are followed, but for `noFollowNames`; below it none is ever gone through.
   *
   * @throws FileError, FileTransferError - No folder can be there, or the executor has no way to make it safely.
   */
  stageTree(path: RemotePath, options: StagedTreeOptions = {}): Promise<StagedTree> {
    const call = this.#named("fs.stageTree", path, options);
    return asFileCall(call, async () => {
      checkOptions(options, STAGE_TREE, "fs.stageTree");
      return toldTree(await stageTree(this.#stagingPort(), toPathUri(path, this.#convention, "path"), options), call);
    });
  }

  /** A call as its errors tell of it. Options are not checked yet. */
  #named(method: string, path: RemotePath, options: unknown, destination?: RemotePath): FileCall {
    const signal = (options as { readonly signal?: AbortSignal } | null | undefined)?.signal;
    return { method, path, destination, signal, platformOs: this.#host.environment.platformOs };
  }

  #searchIn<Options extends GlobOptions | SearchOptions>(
    method: MethodName,
    options: Options,
    checks: OptionChecks<Options>,
  ) {
    checkOptions(options, checks, method);
    const { cwd = this.#host.environment.cwd, signal, sandbox } = options;
    if (cwd === undefined) {
      throw new InvalidArgumentError("cwd", "cwd is required: this executor does not tell its working folder");
    }
    const { params } = this.#split(cwd, { sandbox }, { of: method, checks: FILE_CALL, argument: "cwd" });
    const confined = params.sandbox === undefined ? {} : { sandbox: params.sandbox };
    return { root: params.path, call: { method, signal, timeoutMs: undefined, ...confined } };
  }

  #commandsFor(method: MethodName): CommandHost {
    const { commands } = this.#host;
    if (commands === undefined) throw new UnsupportedError(method, "the capability `holdfastSearch`");
    return commands;
  }

  /** For `@holdfast/exec-client/transfer`: begin a file. */
  [STAGE_FILE](path: RemotePath, options: WriteStreamOptions): Promise<StagedFile> {
    return this.#stage(toPathUri(path, this.#convention, "path"), options);
  }

  #stage(uri: PathUri, options: WriteStreamOptions & FillableFileOptions): Promise<StagedFile> {
    return stageFile(this.#stagingPort(), uri, options);
  }

  #stagingPort(): StagingPort {
    const { canStream, canStage, convention, start } = this.#host;
    const { clock, stub } = this.#session;
    const shell = convention === "windows" ? undefined : { start, clock };
    this.#stagingStub ??= withStagedPlaces(stub, clock);
    return { fs: this, stub: canStage ? this.#stagingStub : undefined, canStream, shell };
  }

  #source(path: RemotePath, { sandbox }: Pick<FileCallOptions, "sandbox">): FileSource {
    return {
      open: (signal) => this.#open(path, { signal, sandbox }, "read as a stream"),
      version: (signal) => this.metadata(path, { signal, sandbox }),
    };
  }

  /** What is left of a time that starts now. */
  #timeLeft(timeoutMs: number | undefined): () => number | undefined {
    const { clock } = this.#session;
    const startedAtMs = clock.now();
    return () => (timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (clock.now() - startedAtMs)));
  }

  /** A connection to open a file on, a place among its open files, and what is left of the caller's time. */
  async #boundLine(use: HandleUse, { signal, timeoutMs }: Pick<FileCallOptions, "signal" | "timeoutMs">) {
    const left = this.#timeLeft(timeoutMs);
    for (;;) {
      const line = await this.#session.line("fs/open", { signal, timeoutMs: left() });
      const giveBack = await this.#takePlace(line, use, () => ({ signal, timeoutMs: left() }));
      if (giveBack !== undefined) return { stub: line.stub, giveBack, remainingMs: left() };
    }
  }

  /** Streams that read take a place among those that are for them, too, so that there are some left to write. */
  async #takePlace(line: HandleLine, use: HandleUse, wait: () => PlaceWait): Promise<(() => void) | undefined> {
    const places = this.#placesOn(line);
    const giveBack = await places[use].take(wait());
    if (giveBack === undefined || use === "one by one") return giveBack;
    try {
      const giveBackToo = await places["one by one"].take(wait());
      if (giveBackToo !== undefined) {
        return () => {
          giveBackToo();
          giveBack();
        };
      }
    } catch (error) {
      giveBack();
      throw error;
    }
    return undefined;
  }

  #placesOn(line: HandleLine): Readonly<Record<HandleUse, Places>> {
    const known = this.#places.get(line);
    if (known !== undefined) return known;
    const { clock } = this.#session;
    const { lost } = line;
    const streamed = this.#host.canStage ? FILE_HANDLES_MAX : FILE_HANDLES_MAX - FILE_HANDLES_TO_WRITE;
    const openFiles = (max: number): Places =>
      new Places({ clock, lost, max, method: "fs/open", waitsFor: `one of ${max} open files to be closed` });
    const made = {
      "one by one": openFiles(FILE_HANDLES_MAX),
      "read as a stream": openFiles(streamed),
    };
    this.#places.set(line, made);
    return made;
  }

  /** @throws InvalidArgumentError - Nothing is sent then. */
  #split<Options extends LinkedFileCallOptions>(
    path: RemotePath,
    options: Options,
    {
      of,
      checks,
      argument = "path",
    }: { readonly of: string; readonly checks: OptionChecks<Options>; readonly argument?: string },
  ) {
    checkOptions(options, checks, of);
    const { signal, timeoutMs, sandbox, followSymlinks } = options;
    const { environment } = this.#host;
    const context = sandboxContextOf(sandbox, environment.cwd, environment);
    const params = {
      path: toPathUri(path, this.#convention, argument),
      ...(context === undefined ? {} : { sandbox: context }),
      ...(followSymlinks === undefined ? {} : { followSymlinks }),
    };
    return { params, call: { signal, timeoutMs } };
  }
}

function entriesOf({ stub }: FileSession, { canChangeEntries, commands }: FileHost): EntryPort | undefined {
  if (canChangeEntries) return wireEntries(stub);
  return commands && commandEntries(commands);
}
