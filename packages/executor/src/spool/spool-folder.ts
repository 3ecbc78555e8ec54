import { randomBytes } from "node:crypto";
import { closeSync, constants, mkdirSync, openSync, unlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import type { Log } from "../platform/ports.ts";
import type { OutputSpool } from "../process/index.ts";
import { RingFile } from "./ring-file.ts";
import { fileName, folderName, removeFolder, removeStaleFolders } from "./stale-folders.ts";

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Where output goes that no longer fits in memory. */
export interface SpoolOptions {
  /** A folder for its files; made if it is missing. Several executors may share one. */
  readonly directory: string;
  /** Bytes per process on disk; beyond that the oldest output is dropped. From 1 MiB. */
  readonly maxBytesPerProcess: number;
}

export const MIN_SPOOL_BYTES = 1_048_576;

/**
 * The spool files of one executor.
 *
 * Files lose their names as soon as they are open: the system frees them with the process that holds them, however
 * that ends. Only a kill between these two calls leaves an empty file, which the next executor removes.
 */
export class SpoolFolder {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #log: Log;
  #files = 0;
  #state: "open" | "warned" | "closed" = "open";

  /** @throws RangeError for a limit out of range, Error when the folder can't be made or written. */
  constructor({ directory, maxBytesPerProcess }: SpoolOptions, log: Log) {
    if (!(maxBytesPerProcess >= MIN_SPOOL_BYTES && maxBytesPerProcess <= Number.MAX_SAFE_INTEGER)) {
      throw new RangeError(`spool.maxBytesPerProcess must be at least ${MIN_SPOOL_BYTES}, not ${maxBytesPerProcess}`);
    }
    const parent = resolve(directory);
    this.#path = join(parent, folderName(randomBytes(4).toString("hex")));
    this.#maxBytes = maxBytesPerProcess;
    this.#log = log;
    try {
      makeFolder(parent);
      removeStaleFolders(parent);
      closeSync(this.#open());
    } catch (error) {
      removeFolder(this.#path);
      throw new Error(`output can't be spooled to ${directory}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /**
   * A spool for one process. It takes a file only when there is something to keep.
   *
   * @param handed - What another program has kept of it.
   */
  newSpool(handed?: ReturnType<OutputSpool["handOver"]>): OutputSpool {
    const onFailure = (error: unknown) => this.#failed(error);
    return new RingFile({ maxBytes: this.#maxBytes, open: () => this.#open(), onFailure }, handed);
  }

  /** Remove the folder until a file is needed in it: the next program in this very process has another one. */
  handOver(): void {
    removeFolder(this.#path);
  }

  /** Remove the folder. Open files stay usable. Idempotent. */
  close(): void {
    this.#state = "closed";
    removeFolder(this.#path);
  }

  #open(): number {
    if (this.#state === "closed") throw new Error("the executor is closed");
    // Again each time: it may have been removed.
    makeFolder(this.#path);
    this.#files += 1;
    const path = join(this.#path, fileName(this.#files));
    const descriptor = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
    unlinkSync(path);
    return descriptor;
  }

  #failed(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "warned";
    this.#log.warn(`output is not spooled any more where this happens: ${reasonOf(error)}; the oldest is dropped`);
  }
}

/** With its parents. Node's own way never ends in /proc, where a name can't be made and its parent is there. */
function makeFolder(path: string): void {
  const make = (): string | undefined => {
    try {
      mkdirSync(path, { mode: FOLDER_MODE });
      return undefined;
    } catch (error) {
      const name = errnoName(error);
      if (name !== "ENOENT" && name !== "EEXIST") throw error;
      return name;
    }
  };
  if (make() !== "ENOENT" || dirname(path) === path) return;
  makeFolder(dirname(path));
  if (make() === "ENOENT") mkdirSync(path);
}

function reasonOf(error: unknown): string {
  const name = errnoName(error);
  const text = name === undefined ? undefined : osErrorText(name);
  return text ?? (error instanceof Error ? error.message : String(error));
}
