import type { PathUri } from "@holdfast/path-uri";

/** Requests one notice when paths that do not exist may have appeared. One watch per connection. Since 0.169. */
export interface FsWatchMissingParams {
  /**
   * Above 0 and above every earlier one on the connection.
   *
   * @format uint64
   */
  watchId: number;
  /** 1 to 64 paths that do not exist. */
  missing: PathUri[];
  /** A path that exists: also notify when it is gone. Absent or null: none. */
  present?: PathUri | null;
}

export interface FsWatchMissingResult {
  /** False: not watched; look again by other means. */
  watching: boolean;
}

/** A watch is over: look again. Since 0.169. */
export interface FsMissingChangedNotice {
  /** @format uint64 */
  watchId: number;
}
