import { posix, win32 } from "node:path";
import { type Executor, type FileWatch, isNotFound } from "@holdfast/exec-client";

/** Who is told of changes. */
export interface ChangeListener {
  add(...paths: readonly string[]): void;
  /** Something was missed: everything may have changed. */
  addAll(): void;
}

/**
 * Watches a path for as long as it is wanted, whether something is there or not: while it is missing, the nearest folder above it is watched for what may become
 * it.
 */
export class WatchedPath implements AsyncDisposable {
  readonly #executor: Executor;
  readonly #path: string;
  readonly #changes: ChangeListener;
  readonly #onFailure: (error: unknown) => void;
  #current: FileWatch | undefined;
  #isClosed = false;
  #done: Promise<void> = Promise.resolve();

  /** @param parts.onFailure - It can not be watched any more. */
  constructor(parts: {
    readonly executor: Executor;
    readonly path: string;
    readonly changes: ChangeListener;
    readonly onFailure: (error: unknown) => void;
  }) {
    this.#executor = parts.executor;
    this.#path = parts.path;
    this.#changes = parts.changes;
    this.#onFailure = parts.onFailure;
  }

  /** Resolves when every change from now on is told. @throws What the executor says, other than that there is nothing. */
  async begin(): Promise<void> {
    const watch = await this.#open();
    this.#done = this.#follow(watch).catch((error: unknown) => {
      if (!this.#isClosed) this.#onFailure(error);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#current?.close();
    await this.#done;
  }

  async #follow(first: OpenWatch): Promise<void> {
    for (let { watch, isThere } = first; !this.#isClosed; ) {
      for await (const event of watch) {
        if (!isThere) {
          // Only what has come on the way to it makes a difference.
          if (event.type === "overflow" || this.#leadsHere(event.path)) break;
        } else if (event.type === "overflow") this.#changes.addAll();
        else if (event.type === "renamed") this.#changes.add(event.from, event.path);
        else this.#changes.add(event.path);
      }
      await watch.close();
      if (this.#isClosed) return;
      const wasThere = isThere;
      ({ watch, isThere } = await this.#open());
      // It was gone meanwhile, or has come.
      if (isThere || wasThere) this.#changes.addAll();
    }
  }

  #leadsHere(path: string): boolean {
    if (path === this.#path) return true;
    const end = this.#path.charAt(path.length);
    return this.#path.startsWith(path) && (end === "/" || end === "\\");
  }

  /** Watch the path itself, or what is nearest above it. */
  async #open(): Promise<OpenWatch> {
    const itself = await this.#watch(this.#path);
    if (itself !== undefined) return { watch: itself, isThere: true };
    const { dirname } = this.#executor.environment.pathConvention === "windows" ? win32 : posix;
    for (let above = dirname(this.#path); ; above = dirname(above)) {
      const watch = await this.#watch(above);
      if (watch === undefined) {
        if (dirname(above) === above) throw new Error(`nothing above ${this.#path} can be watched`);
        continue;
      }
      // It may have come before the folder was watched.
      const late = await this.#watch(this.#path);
      if (late === undefined) return { watch, isThere: false };
      await watch.close();
      this.#current = late;
      return { watch: late, isThere: true };
    }
  }

  /** Undefined: there is nothing. */
  async #watch(path: string): Promise<FileWatch | undefined> {
    const watch = this.#executor.fs.watch(path);
    try {
      await watch.ready;
    } catch (error) {
      await watch.close();
      if (isNotFound(error) || isNoFolder(error)) return undefined;
      throw error;
    }
    this.#current = watch;
    if (this.#isClosed) await watch.close();
    return watch;
  }
}

interface OpenWatch {
  readonly watch: FileWatch;
  /** It is of the path itself. */
  readonly isThere: boolean;
}

/** Something above is a file. */
function isNoFolder(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOTDIR";
}
