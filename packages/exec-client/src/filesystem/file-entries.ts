import { toNativePath } from "@holdfast/path-uri";
import { checkOptions, type OptionChecks, permissionBits, wholeNumber } from "@holdfast/rpc/client";
import { checkWholeCharacters } from "../arguments/broken-text.ts";
import { asFileCall } from "../errors/file-call.ts";
import { isFileError } from "../errors/file-error.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { InvalidArgumentError, isNotFound } from "../errors.ts";
import { FILE_BLOCK_MAX_BYTES } from "../limits.ts";
import type { RemotePath } from "../paths.ts";
import { sandboxContextOf } from "../sandbox/sandbox-context.ts";
import type { EntryCall, EntryPort, MethodName } from "./entry-port.ts";
import { FileCalls, type FileEnvironment } from "./file-calls.ts";
import { checkFileData, piecesOf } from "./file-data.ts";
import { FILE_CALL, LINKED_FILE_CALL, READ_LINK, RENAME } from "./file-options.ts";
import type { FileCallOptions, FileData, FileStats, RenameOptions } from "./types.ts";
import { BlockGatherer } from "./write-blocks.ts";

/** What these operations need. */
export interface FileEntriesHost {
  readonly environment: FileEnvironment;
  /** Undefined where the executor has neither `holdfastFiles` nor the commands for it. */
  readonly entries: EntryPort | undefined;
}

const LACKS = "the capability `holdfastFiles`, and is no Linux whose commands could do it";

/**
 * Links, attributes and renaming, under Node's names. Executors with the capability `holdfastFiles` do it themselves; on others that
 * run Linux, commands do (`stat`, `mv`, `chmod`, …), each a process of its own. Elsewhere it is an `UnsupportedError`.
 */
export abstract class FileEntries {
  readonly #host: FileEntriesHost;
  readonly #calls: FileCalls;

  protected constructor(host: FileEntriesHost) {
    this.#host = host;
    this.#calls = new FileCalls(host.environment);
  }

  /** Everything that the executor's system knows about what a path leads to. `metadata` tells less and is cheaper on old executors. */
  stat(path: RemotePath, options: FileCallOptions = {}): Promise<FileStats> {
    return asFileCall(this.#calls.named("fs.stat", path, options), async () => {
      const call = this.#call("fs.stat", options, FILE_CALL);
      return this.#port(call).stat(this.#calls.uri(path), { followSymlinks: true }, call);
    });
  }

  /** As `stat`, of a link itself. A link that leads nowhere is fine. */
  lstat(path: RemotePath, options: FileCallOptions = {}): Promise<FileStats> {
    return asFileCall(this.#calls.named("fs.lstat", path, options), async () => {
      const call = this.#call("fs.lstat", options, FILE_CALL);
      return this.#port(call).stat(this.#calls.uri(path), { followSymlinks: false }, call);
    });
  }

  /** What a symbolic link says, as text; or as bytes, which need not be UTF-8. `EINVAL`: it is no link. */
  readlink(
    path: RemotePath,
    options: FileCallOptions & { readonly encoding: "bytes" },
  ): Promise<Uint8Array<ArrayBuffer>>;
  readlink(path: RemotePath, options?: FileCallOptions & { readonly encoding?: "utf8" | undefined }): Promise<string>;
  readlink(
    path: RemotePath,
    options: FileCallOptions & { readonly encoding?: "utf8" | "bytes" | undefined } = {},
  ): Promise<string | Uint8Array<ArrayBuffer>> {
    return asFileCall(this.#calls.named("fs.readlink", path, options), async () => {
      const { encoding = "utf8" } = options;
      const call = this.#call("fs.readlink", options, READ_LINK);
      const target = await this.#port(call).readLink(this.#calls.uri(path), call);
      return encoding === "bytes" ? target : new TextDecoder("utf-8", { ignoreBOM: true }).decode(target);
    });
  }

  /**
   * Make a symbolic link at `path`. `EEXIST`: something is there.
   *
   * @param target - What it says: absolute, or relative to the folder of the link. It need not lead anywhere.
   */
  symlink(target: string | Uint8Array, path: RemotePath, options: FileCallOptions = {}): Promise<void> {
    return asFileCall(this.#calls.named("fs.symlink", path, options), async () => {
      const call = this.#call("fs.symlink", options, FILE_CALL);
      if (typeof target === "string") checkWholeCharacters(target, "target");
      const bytes = typeof target === "string" ? new TextEncoder().encode(target) : target;
      if (bytes.byteLength === 0 || bytes.includes(0)) {
        throw new InvalidArgumentError("target", "target must not be empty, and has no NUL");
      }
      await this.#port(call).symlink(bytes, this.#calls.uri(path), call);
    });
  }

  /** Give a file one more name, on the same file system (else `EXDEV`). `EEXIST`: something is there. */
  link(existing: RemotePath, path: RemotePath, options: FileCallOptions = {}): Promise<void> {
    return asFileCall(this.#calls.named("fs.link", existing, options, path), async () => {
      const call = this.#call("fs.link", options, FILE_CALL);
      await this.#port(call).link(this.#calls.uri(existing, "existing"), this.#calls.uri(path), call);
    });
  }

  /**
   * Rename a file, a link (never its target) or a folder, at once. A file, a link or an empty folder that has the new name is
   * replaced, unless `noReplace` says otherwise. Never a copy: `EXDEV` between two file systems. The root, the home of the user and what contains them are refused.
   */
  rename(source: RemotePath, destination: RemotePath, options: RenameOptions = {}): Promise<void> {
    return asFileCall(this.#calls.named("fs.rename", source, options, destination), async () => {
      const call = this.#call("fs.rename", options, RENAME);
      await this.#port(call).rename(
        this.#calls.uri(source, "source"),
        this.#calls.uri(destination, "destination"),
        { noReplace: options.noReplace ?? false },
        call,
      );
    });
  }

  /**
   * Add to the end of a file, which is made when it is missing. The executor's system finds the end at every write (`O_APPEND`), 1 MiB
   * at a time: what several writers add stays whole. After an error a part may have been added, as after a full disk.
   */
  appendFile(path: RemotePath, data: FileData, options: FileCallOptions = {}): Promise<void> {
    return asFileCall(this.#calls.named("fs.appendFile", path, options), async () => {
      const call = this.#call("fs.appendFile", options, FILE_CALL);
      const uri = this.#calls.uri(path);
      const port = this.#port(call);
      checkFileData(data);
      let isAdded = false;
      const blocks = new BlockGatherer({
        blockBytes: FILE_BLOCK_MAX_BYTES,
        write: async (block) => {
          await port.append(uri, block, call);
          isAdded = true;
        },
      });
      for await (const piece of piecesOf(data, options.signal)) await blocks.add(piece);
      await blocks.flush();
      // What is empty still makes the file.
      if (!isAdded) await port.append(uri, new Uint8Array(0), call);
    });
  }

  /**
   * Set permission bits, such as `0o755`, of what a path leads to.
   *
   * @throws InvalidArgumentError - `mode` is no number from 0 to 0o7777.
   */
  chmod(path: RemotePath, mode: number, options: FileCallOptions = {}): Promise<void> {
    return asFileCall(this.#calls.named("fs.chmod", path, options), async () => {
      const call = this.#call("fs.chmod", options, FILE_CALL);
      permissionBits(mode, "mode");
      await this.#port(call).setAttributes(this.#calls.uri(path), { mode }, { followSymlinks: true }, call);
    });
  }

  /** Set owner and group by their numbers, of what a path leads to. As a rule only root may. */
  chown(path: RemotePath, uid: number, gid: number, options: FileCallOptions = {}): Promise<void> {
    return asFileCall(this.#calls.named("fs.chown", path, options), async () => {
      const call = this.#call("fs.chown", options, FILE_CALL);
      wholeNumber(0)(uid, "uid");
      wholeNumber(0)(gid, "gid");
      await this.#port(call).setAttributes(this.#calls.uri(path), { uid, gid }, { followSymlinks: true }, call);
    });
  }

  /**
   * Set the times of the last access and the last change, to the millisecond.
   *
   * @param accessed - A `Date`, or **seconds** since 1970, as in Node.
   * @param options.followSymlinks - False: of a link itself. Default true.
   */
  utimes(
    path: RemotePath,
    accessed: Date | number,
    modified: Date | number,
    options: FileCallOptions & { readonly followSymlinks?: boolean | undefined } = {},
  ): Promise<void> {
    return asFileCall(this.#calls.named("fs.utimes", path, options), async () => {
      const { followSymlinks = true } = options;
      const call = this.#call("fs.utimes", options, LINKED_FILE_CALL);
      const times = { accessedAtMs: toMs("accessed", accessed), modifiedAtMs: toMs("modified", modified) };
      await this.#port(call).setAttributes(this.#calls.uri(path), times, { followSymlinks }, call);
    });
  }

  /** Make a regular file `size` bytes long: what is beyond is cut off, what is missing reads as zeros. Default 0. */
  truncate(path: RemotePath, size = 0, options: FileCallOptions = {}): Promise<void> {
    return asFileCall(this.#calls.named("fs.truncate", path, options), async () => {
      const call = this.#call("fs.truncate", options, FILE_CALL);
      wholeNumber(0)(size, "size");
      await this.#port(call).setAttributes(this.#calls.uri(path), { size }, { followSymlinks: true }, call);
    });
  }

  /**
   * Make a folder for its user alone under a new name: `prefix` and six characters, e.g. `/tmp/build-x1Y2z3`.
   *
   * @returns its path, as the executor's system writes it.
   */
  mkdtemp(prefix: string, options: FileCallOptions = {}): Promise<string> {
    return asFileCall(this.#calls.named("fs.mkdtemp", prefix, options), async () => {
      const call = this.#call("fs.mkdtemp", options, FILE_CALL);
      const cut = prefix.lastIndexOf("/") + 1;
      if (cut === 0)
        throw new InvalidArgumentError("prefix", "prefix must be an absolute path and the beginning of a name");
      // All of it is to be a path.
      this.#calls.uri(prefix, "prefix");
      const folder = this.#calls.uri(cut === 1 ? "/" : prefix.slice(0, cut - 1), "prefix");
      return toNativePath(await this.#port(call).makeTemporaryFolder(folder, prefix.slice(cut), call), "posix");
    });
  }

  #call<Options extends FileCallOptions>(
    method: MethodName,
    options: Options,
    checks: OptionChecks<Options>,
  ): EntryCall {
    checkOptions(options, checks, method);
    const { signal, timeoutMs } = options;
    const { environment } = this.#host;
    const sandbox = sandboxContextOf(options.sandbox, environment.cwd, environment);
    return { method, signal, timeoutMs, ...(sandbox === undefined ? {} : { sandbox }) };
  }

  #port({ method }: EntryCall): EntryPort {
    if (this.#host.entries === undefined) throw new UnsupportedError(method, LACKS);
    return this.#host.entries;
  }
}

/** Whether an error says that nothing is at a path, or nothing can be: a part of it is no folder. */
export function isNothingThere(error: unknown): boolean {
  if (isNotFound(error)) return true;
  if (isFileError(error)) return error.code === "ENOENT" || error.code === "ENOTDIR";
  return error instanceof Error && error.message.startsWith("Not a directory (os error ");
}

function toMs(argument: string, time: Date | number): number {
  const ms = Math.round(typeof time === "number" ? time * 1_000 : time.getTime());
  if (Number.isSafeInteger(ms)) return ms;
  throw new InvalidArgumentError(argument, `${argument} must be a Date or a number of seconds, not ${String(time)}`);
}
