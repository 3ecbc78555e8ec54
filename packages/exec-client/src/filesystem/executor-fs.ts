import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import type { PathUri } from "@holdfast/path-uri";
import { checkOptions } from "@holdfast/rpc/client";
import { asUint8Array } from "../as-uint8-array.ts";
import { asFileCall } from "../errors/file-call.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { FILE_HANDLES_MAX, FILE_HANDLES_TO_WRITE, FILE_MESSAGE_MAX_BYTES } from "../limits.ts";
import type { RemotePath } from "../paths.ts";
import { sandboxContextOf } from "../sandbox/sandbox-context.ts";
import type { StagingStub } from "./executor-stage.ts";
import type { FileSource } from "./file-blocks.ts";
import { FileCalls } from "./file-calls.ts";
import { bytesInMemory, checkFileData, piecesOf } from "./file-data.ts";
import type { RemoteFileHandle } from "./file-handle.ts";
import type { FileHost, FileSession } from "./file-host.ts";
import type { FileOperations, OpenMode } from "./file-operations.ts";
import { COPY_AT_ONCE, LINKED_FILE_CALL, READ_STREAM, STAGE_TREE, WRITE_FILE, WRITE_STREAM } from "./file-options.ts";
import { FileSearch } from "./file-search.ts";
import { STAGE_FILE, TREE_CALLS } from "./internal-calls.ts";
import { readLargeFile, refuseLink, sizeOfLargeFile, writeLargeFile } from "./large-files.ts";
import { OpenFiles } from "./open-files.ts";
import { fileReadStream, type ReadStreamRange } from "./read-stream.ts";
import { type StagingPort, stageFile, stageFillable } from "./stage-file.ts";
import { stageTree } from "./stage-tree.ts";
import type { FillableFileOptions, StagedFile } from "./staged-file.ts";
import { withStagedPlaces } from "./staged-places.ts";
import type { StagedTree, StagedTreeOptions } from "./staged-tree.ts";
import { timeLeftOf } from "./time-left.ts";
import { toldTree } from "./told-tree.ts";
import type {
  FileCallOptions,
  FileData,
  LinkedFileCallOptions,
  PlaceOptions,
  WriteFileOptions,
  WriteStreamOptions,
} from "./types.ts";
import { type NewFileOptions, type StageOptions, stageNewFile } from "./write-new-file.ts";
import { fileWriteStream } from "./write-stream.ts";

/**
 * The files of the executor.
 *
 * Paths are absolute, as the executor's system writes them, or `file:` URIs. Refusals are `FileError`: its `code` is the
 * name of the system's error, such as `ENOENT`, its `cause` what the executor answered. `LinkError` with delivery `unknown` says
 * that a change may have happened: reads are repeated after a lost connection, changes never are.
 */
export class ExecutorFileSystem extends FileSearch implements FileOperations {
  readonly #session: FileSession;
  readonly #stub: Pick<ExecServerClient, "fs">;
  readonly #host: FileHost;
  readonly #calls: FileCalls;
  readonly #openFiles: OpenFiles;
  #stagingStub: StagingStub | undefined;

  /** For `@holdfast/exec-client/transfer`: undefined without the capability `holdfastTrees`. */
  readonly [TREE_CALLS]: ExecServerClient["holdfast"] | undefined;

  /** Made by `connect`. */
  constructor(session: FileSession, host: FileHost) {
    super(session, host);
    this[TREE_CALLS] = host.canArchive ? session.stub.holdfast : undefined;
    this.#session = session;
    this.#stub = session.stub;
    this.#host = host;
    this.#calls = new FileCalls(host.environment);
    const maxStreamed = host.canStage ? FILE_HANDLES_MAX : FILE_HANDLES_MAX - FILE_HANDLES_TO_WRITE;
    this.#openFiles = new OpenFiles({ session, calls: this.#calls, maxStreamed });
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
    return asFileCall(this.#calls.named("fs.readFile", path, options), async () => {
      const { params, call } = this.#calls.split(path, options, { of: "fs.readFile", checks: LINKED_FILE_CALL });
      const left = timeLeftOf(this.#session.clock, options.timeoutMs);
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
    return asFileCall(this.#calls.named("fs.writeFile", path, options), async () => {
      const { params, call } = this.#calls.split(path, options, { of: "fs.writeFile", checks: WRITE_FILE });
      const { mode, flag = "w" } = options;
      checkFileData(data);
      const isSmallBlob = data instanceof Blob && data.size <= FILE_MESSAGE_MAX_BYTES;
      const bytes = isSmallBlob ? new Uint8Array(await data.arrayBuffer()) : bytesInMemory(data);
      const isSmall = bytes !== undefined && bytes.byteLength <= FILE_MESSAGE_MAX_BYTES;
      if (isSmall && mode === undefined && flag === "w") {
        await this.#stub.fs.writeFile({ ...params, dataBase64: new Base64Bytes(bytes) }, call);
        return;
      }
      if (isSmall && this.#host.canChangeEntries) {
        const how = { ...(mode === undefined ? {} : { mode }), exclusive: flag === "wx" };
        await this.#session.stub.holdfast.writeFile({ ...params, ...how, chunk: new Base64Bytes(bytes) }, call);
        return;
      }
      const content = bytes ?? ((signal: AbortSignal) => piecesOf(data, signal));
      const patience = { ...call, clock: this.#session.clock };
      const stage = { sandbox: options.sandbox, mode };
      if (flag === "wx") {
        const how = { ...call, ...params, method: "fs.writeFile", mode } as const;
        const begin = (signal: AbortSignal) => this.#stageNew(params.path, stage, { ...how, signal });
        return writeLargeFile(begin, content, patience);
      }
      await refuseLink(this, path, options);
      return writeLargeFile((signal) => this.#stage(params.path, { ...stage, signal }), content, patience);
    });
  }

  /** As `writeFile`, in UTF-8. */
  writeTextFile(path: RemotePath, text: string, options: WriteFileOptions = {}): Promise<void> {
    return this.writeFile(path, text, options);
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
    return this.#openFiles.open(path, options, "one by one");
  }

  /** Read a file of any size in blocks, as fast as they are taken. Nothing is asked for before the first read. */
  createReadStream(
    path: RemotePath,
    options: ReadStreamRange & Pick<FileCallOptions, "sandbox"> = {},
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    checkOptions(options, READ_STREAM, "fs.createReadStream");
    this.#calls.uri(path);
    const { sandbox } = options;
    return fileReadStream(
      this.#source(path, { sandbox }),
      options,
      this.#calls.named("fs.createReadStream", path, options),
    );
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
   * @throws FileError - From the close, with `flag: "wx"`: `EEXIST`, something has the name.
   * @throws FileTransferError - From the stream: `not-placed`, `unsupported`.
   */
  createWriteStream(path: RemotePath, options: WriteStreamOptions = {}): WritableStream<Uint8Array | string> {
    checkOptions(options, WRITE_STREAM, "fs.createWriteStream");
    const uri = this.#calls.uri(path);
    const call = this.#calls.named("fs.createWriteStream", path, options);
    const { flag = "w", signal, mode, noFollowNames = 0 } = options;
    if (flag === "w") return fileWriteStream(() => this.#stage(uri, options), options, call);
    const { environment, canChangeEntries, canStage } = this.#host;
    if (noFollowNames > 0 && !(canChangeEntries && canStage)) {
      throw new UnsupportedError(
        "fs.createWriteStream with flag wx and noFollowNames",
        "the capabilities `holdfastFiles` and `holdfastStaging`",
      );
    }
    const sandbox = sandboxContextOf(options.sandbox, environment.cwd, environment);
    const how = { method: "fs.createWriteStream", signal, timeoutMs: undefined, mode } as const;
    const confined = sandbox === undefined ? {} : { sandbox };
    return fileWriteStream(() => this.#stageNew(uri, options, { ...how, ...confined }), options, call);
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
    return asFileCall(this.#calls.named("fs.copyAtOnce", source, options, destination), async () => {
      checkOptions(options, COPY_AT_ONCE, "fs.copyAtOnce");
      const from = this.#calls.uri(source, "source");
      const to = this.#calls.uri(destination, "destination");
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
    const call = this.#calls.named("fs.stageTree", path, options);
    return asFileCall(call, async () => {
      checkOptions(options, STAGE_TREE, "fs.stageTree");
      return toldTree(await stageTree(this.#stagingPort(), this.#calls.uri(path), options), call);
    });
  }

  /** For `@holdfast/exec-client/transfer`: begin a file. */
  [STAGE_FILE](path: RemotePath, options: WriteStreamOptions): Promise<StagedFile> {
    return this.#stage(this.#calls.uri(path), options);
  }

  #stage(uri: PathUri, options: WriteStreamOptions & FillableFileOptions): Promise<StagedFile> {
    return stageFile(this.#stagingPort(), uri, options);
  }

  #stageNew(uri: PathUri, options: WriteStreamOptions, how: NewFileOptions): Promise<StagedFile> {
    const stage = (at: PathUri, more: StageOptions) => this.#stage(at, { ...options, ...more });
    return stageNewFile({ ...this.#host, stub: this.#session.stub, fs: this, stage }, uri, how);
  }

  #stagingPort(): StagingPort {
    const { canStream, canStage, environment, start } = this.#host;
    const { clock, stub } = this.#session;
    const shell = environment.pathConvention === "windows" ? undefined : { start, clock };
    this.#stagingStub ??= withStagedPlaces(stub, clock);
    return { fs: this, stub: canStage ? this.#stagingStub : undefined, canStream, shell };
  }

  #source(path: RemotePath, { sandbox }: Pick<FileCallOptions, "sandbox">): FileSource {
    return {
      open: (signal) => this.#openFiles.open(path, { signal, sandbox }, "read as a stream"),
      version: (signal) => this.metadata(path, { signal, sandbox }),
    };
  }
}
