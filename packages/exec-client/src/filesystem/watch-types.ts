import type { PathUri } from "@holdfast/path-uri";
import type { FileCallOptions } from "./types.ts";

/**
 * What happened to a file or folder. `path` is as the executor's system writes it, below the path that was given; `uri` can carry any
 * bytes.
 *
 * `created`: it has the name now, and was not there, or something else was replaced. `changed`: its content or its attributes. `removed`:
 * it has the name no more. `renamed`: it has another name below the watched folder. `overflow`: events were lost, so look at everything
 * again: too many came at once, they were not read, or the connection was lost.
 */
export type WatchEvent =
  | { readonly type: "created" | "changed" | "removed"; readonly path: string; readonly uri: PathUri }
  | {
      readonly type: "renamed";
      readonly path: string;
      readonly uri: PathUri;
      /** The name that it had. */
      readonly from: string;
      readonly fromUri: PathUri;
    }
  | { readonly type: "overflow" };

/** What to watch, and for how long. */
export interface WatchOptions extends Pick<FileCallOptions, "signal" | "sandbox"> {
  /** Also everything below, as folders come and go. Default false. */
  readonly recursive?: boolean | undefined;
  /**
   * Milliseconds between two looks on an executor that has no watches of its own (without `holdfastWatch`): it lists everything with
   * GNU `find` each time. Default 1,000.
   */
  readonly pollIntervalMs?: number | undefined;
}

/** A watch that has begun, and the events of it in order. Ended by `close`, by leaving the loop, and by the signal. */
export interface FileWatch extends AsyncIterableIterator<WatchEvent, undefined, void>, AsyncDisposable {
  /** Resolves when everything that happens from now on is told. Rejects where nothing can be watched. */
  readonly ready: Promise<void>;
  /** Idempotent. Never rejects. */
  close(): Promise<void>;
}
