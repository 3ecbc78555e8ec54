import { lstatSync, rmdirSync, unlinkSync } from "node:fs";
import { PinnedEntry } from "./pinned-folder.ts";
import type { TargetRecord, TargetRecords } from "./target-records.ts";

/** Take a target away that is no longer needed, if it is still what was made and still empty. */
export function takeAway(record: TargetRecord, records: TargetRecords): void {
  try {
    using entry = new PinnedEntry(record.path);
    const stats = lstatSync(entry.path, { throwIfNoEntry: false });
    if (stats !== undefined && `${stats.dev}:${stats.ino}` === record.identity) {
      if (record.kind === "directory") rmdirSync(entry.path);
      else if (stats.size === 0) unlinkSync(entry.path);
    }
  } catch {
    // Something was put into it, or its folder was taken away: it is not ours any more.
  }
  records.forget(record.path);
}

/** Take every target away whose users are all gone. */
export function takeAwayAbandoned(records: TargetRecords): void {
  for (const record of records.abandoned()) takeAway(record, records);
}
