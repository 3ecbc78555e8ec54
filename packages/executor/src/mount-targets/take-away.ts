import { lstatSync, rmdirSync, unlinkSync } from "node:fs";
import { PinnedEntries } from "./pinned-folder.ts";
import type { TargetRecord, TargetRecords } from "./target-records.ts";

/** Take a target away that is no longer needed, if it is still what was made and still empty. */
export function takeAway(record: TargetRecord, records: TargetRecords, entries: PinnedEntries): void {
  try {
    const path = entries.at(record.path);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && `${stats.dev}:${stats.ino}` === record.identity) {
      if (record.kind === "directory") rmdirSync(path);
      else if (stats.size === 0) unlinkSync(path);
    }
  } catch {
    // Something was put into it, or its folder was taken away: it is not ours any more.
  }
  records.forget(record.path);
}

/** Take every target away whose users are all gone. */
export function takeAwayAbandoned(records: TargetRecords): void {
  records.removeHalfMade();
  using entries = new PinnedEntries();
  for (const record of records.abandoned()) takeAway(record, records, entries);
}
