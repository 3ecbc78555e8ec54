import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { EmptyResult } from "../json.ts";

/*
 * An extension of this project: what happens to files is told as it happens. A watch belongs to the session and outlives a lost
 * connection; events go only to a connection that asked for them. Needs the capability `holdfastWatch`.
 */

/**
 * Watches a folder, or a file by its name. Said again with the same params it does nothing, but on a connection that resumed the
 * session: from then on that one is told. A session may have 32 watches.
 */
export interface HoldfastWatchParams {
  /** Chosen by the client, unique in the session: at most 64 bytes. */
  watchId: string;
  /** It must exist. Links in it are followed now, and never again; what is reached through links below it is not watched. */
  path: PathUri;
  /** True: also everything below, as folders come and go: at most 8,192 folders. Absent or null: false. */
  recursive?: boolean | null;
  /** Refused, unless it lets everything be read: what is not to be seen would be told. */
  sandbox?: FileSystemSandboxContext | null;
}

export type HoldfastWatchResult = EmptyResult;

/** Ends a watch. One that there is not is fine. */
export interface HoldfastUnwatchParams {
  watchId: string;
}

export type HoldfastUnwatchResult = EmptyResult;

/**
 * `created`: it has the name now, and was not there, or something else was replaced. `changed`: its content or its attributes.
 * `removed`: it has the name no more. `renamed`: it has another name below the watched folder. `overflow`: events were lost; look at
 * everything again.
 */
export type HoldfastWatchEventType = "created" | "changed" | "removed" | "renamed" | "overflow";

export interface HoldfastWatchEvent {
  type: HoldfastWatchEventType;
  /** What it happened to, by the path that was watched; absent or null: `overflow`. */
  path?: PathUri | null;
  /** The name that it had; absent or null: not `renamed`. */
  from?: PathUri | null;
}

/**
 * What happened, in order. What happens to one path within 50 ms is told once. While the connection takes nothing, what happens
 * goes on being put together, for up to 8,192 paths; then it is an `overflow`.
 */
export interface HoldfastWatchEventsNotice {
  watchId: string;
  /** At most 1,024. */
  events: HoldfastWatchEvent[];
  /** The watch is over after these: `removed`, what was watched has its name no more; else why. Absent or null: it goes on. */
  end?: string | null;
}
