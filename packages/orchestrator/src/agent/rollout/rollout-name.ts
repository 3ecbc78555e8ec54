import { join } from "node:path";

/** Folder of the threads that are in use, below the home. */
export const SESSIONS_FOLDER = "sessions";
/** Folder of those that are archived, below the home. */
export const ARCHIVE_FOLDER = "archived_sessions";

/** What the name of a file says of the thread in it. */
export interface RolloutName {
  readonly threadId: string;
  /** `YYYY`, `MM` and `DD`, in the time zone of who made it. */
  readonly day: readonly [string, string, string];
  /** As it sorts: the time in the name, and the id behind it. */
  readonly key: string;
}

const NAME =
  /^rollout-(\d{4})-(\d{2})-(\d{2})T\d{2}-\d{2}-\d{2}-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/;

/** Read the name of a file, without its folder. Undefined: it is none of a thread. */
export function readRolloutName(name: string): RolloutName | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", threadId = ""] = match;
  return { threadId, day: [year, month, day], key: name };
}

/** Where the file of a new thread lies, in local time, as other programs look for it. */
export function rolloutPath(home: string, threadId: string, created: Date): string {
  const [year, month, day, hour, minute, second] = [
    created.getFullYear().toString().padStart(4, "0"),
    ...[created.getMonth() + 1, created.getDate(), created.getHours(), created.getMinutes(), created.getSeconds()].map(
      (part) => part.toString().padStart(2, "0"),
    ),
  ] as [string, string, string, string, string, string];
  const name = `rollout-${year}-${month}-${day}T${hour}-${minute}-${second}-${threadId}.jsonl`;
  return join(home, SESSIONS_FOLDER, year, month, day, name);
}
