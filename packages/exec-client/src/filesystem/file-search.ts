import { displayPath } from "@holdfast/path-uri";
import { checkOptions, type OptionChecks } from "@holdfast/rpc/client";
import { asFileCall } from "../errors/file-call.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { InvalidArgumentError } from "../errors.ts";
import { WALK_MAX_DEPTH, WALK_MAX_DIRECTORIES, WALK_MAX_ENTRIES, WATCH_POLL_INTERVAL_MS } from "../limits.ts";
import type { RemotePath } from "../paths.ts";
import type { CommandHost } from "./command-entries.ts";
import { globByCommand, searchByCommand } from "./command-search.ts";
import type { MethodName } from "./entry-port.ts";
import { FileCalls } from "./file-calls.ts";
import { FileFolders } from "./file-folders.ts";
import type { FileHost, FileSession } from "./file-host.ts";
import { FILE_CALL, GLOB, SEARCH, WALK, WATCH } from "./file-options.ts";
import { watchByPolling } from "./polled-watch.ts";
import { globRequest, textRequest } from "./search-request.ts";
import type { GlobEntry, GlobOptions, SearchMatch, SearchOptions } from "./search-types.ts";
import { checkToldPath } from "./told-names.ts";
import type { WalkOptions, WalkResult } from "./types.ts";
import type { FileWatch, WatchOptions } from "./watch-types.ts";
import { globOnExecutor, searchOnExecutor } from "./wire-search.ts";
import { watchOnExecutor } from "./wire-watch.ts";

/** What is found in trees of files, and what happens there. */
export abstract class FileSearch extends FileFolders {
  readonly #session: FileSession;
  readonly #calls: FileCalls;
  readonly #host: FileHost;

  protected constructor(session: FileSession, host: FileHost) {
    super(session, host);
    this.#session = session;
    this.#calls = new FileCalls(host.environment);
    this.#host = host;
  }

  /**
   * List a tree, breadth first, within bounds. Needs an executor of 0.144 or later (older: `UnsupportedError`). Symbolic
   * links that are not followed are left out, unless `includeSymlinks` asks for them.
   */
  walk(path: RemotePath, options: WalkOptions & { readonly paths: "native" }): Promise<WalkResult<string>>;
  walk(path: RemotePath, options?: WalkOptions & { readonly paths?: "uri" | undefined }): Promise<WalkResult>;
  walk(path: RemotePath, options: WalkOptions = {}): Promise<WalkResult | WalkResult<string>> {
    return asFileCall(this.#calls.named("fs.walk", path, options), async () => {
      const { params, call } = this.#calls.split(path, options, { of: "fs.walk", checks: WALK });
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
      const found = await this.#session.stub.fs.walk({ ...params, options: bounds }, call);
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
    const { params } = this.#calls.split(path, rest, { of: method, checks: FILE_CALL });
    const { sandbox } = params;
    const confined = sandbox === undefined ? {} : { sandbox };
    const call = { method, signal: options.signal, timeoutMs: undefined, recursive, ...confined } as const;
    const { canWatch, commands } = this.#host;
    if (canWatch) return watchOnExecutor(this.#session, params.path, call);
    if (commands === undefined) throw new UnsupportedError(method, "the capability `holdfastWatch`");
    const { clock } = this.#session;
    return watchByPolling(commands.run, params.path, { ...call, pollIntervalMs, clock });
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
    const { params } = this.#calls.split(cwd, { sandbox }, { of: method, checks: FILE_CALL, argument: "cwd" });
    const confined = params.sandbox === undefined ? {} : { sandbox: params.sandbox };
    return { root: params.path, call: { method, signal, timeoutMs: undefined, ...confined } };
  }

  #commandsFor(method: MethodName): CommandHost {
    const { commands } = this.#host;
    if (commands === undefined) throw new UnsupportedError(method, "the capability `holdfastSearch`");
    return commands;
  }
}
