import { removeAbandonedGroups } from "../control-groups/abandoned-groups.ts";
import { RegistryFolders } from "../mount-targets/registry-folders.ts";
import { takeAwayAbandoned } from "../mount-targets/take-away.ts";
import { TargetRecords } from "../mount-targets/target-records.ts";
import { loadNativePart } from "../platform/c-library.ts";
import { canLock } from "../platform/file-lock.ts";
import { type SweepOptions, sweep } from "./sweep.ts";

const END_SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;
const LOCK_ATTEMPTS = 1_000;
const LOCK_PAUSE_MS = 10;
const GROUP_ATTEMPTS = 500;
const GROUP_PAUSE_MS = 10;

export interface SweepProgramOptions extends SweepOptions {
  /** Folders in which the registry of mount targets may lie. */
  readonly places: readonly string[];
  /** Folders that control groups were made below. Default none. */
  readonly groupParents?: readonly string[] | undefined;
  /** Path of the native binding to the C library; absent: it is looked for as a package. */
  readonly library?: string | undefined;
}

/** What the guardian becomes when its executor is gone: a process of its own whose exit code tells whether all are gone. */
export function sweepAsProgram({ places, groupParents = [], library, ...options }: SweepProgramOptions): void {
  if (library !== undefined) loadNativePart(library);
  // With a handler they end nothing: the sweep goes to its own end.
  for (const signal of END_SIGNALS) process.on(signal, () => {});
  process.exitCode = sweep(options) ? 0 : 1;
  // After the processes: what was mounted over the targets must be gone.
  takeTargetsAway(new RegistryFolders(places));
  takeGroupsAway(groupParents);
}

/** Nothing waits for this process, so it may wait. */
function takeTargetsAway(folders: RegistryFolders): void {
  if (!canLock()) return;
  for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt += 1) {
    const outcome = folders.tryLocked((found) => takeAwayAbandoned(new TargetRecords(found)));
    if (outcome !== undefined) return;
    pause(LOCK_PAUSE_MS);
  }
}

/** What was killed leaves its group a moment later. Groups of others who are gone may hold a process for longer: they stay. */
function takeGroupsAway(parents: readonly string[]): void {
  for (let attempt = 0; attempt < GROUP_ATTEMPTS && !removeAbandonedGroups(parents); attempt += 1)
    pause(GROUP_PAUSE_MS);
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
