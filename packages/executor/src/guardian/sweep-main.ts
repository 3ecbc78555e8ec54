import { RegistryFolders } from "../confinement/registry-folders.ts";
import { takeAwayAbandoned } from "../confinement/take-away.ts";
import { TargetRecords } from "../confinement/target-records.ts";
import { loadNativePart } from "../platform/c-library.ts";
import { canLock } from "../platform/file-lock.ts";
import { type SweepOptions, sweep } from "./sweep.ts";

const END_SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;
const LOCK_ATTEMPTS = 1_000;
const LOCK_PAUSE_MS = 10;

export interface SweepProgramOptions extends SweepOptions {
  /** Folders in which the registry of mount targets may lie. */
  readonly places: readonly string[];
  /** Path of the native binding to the C library; absent: it is looked for as a package. */
  readonly library?: string | undefined;
}

/** What the guardian becomes when its executor is gone: a process of its own whose exit code tells whether all are gone. */
export function sweepAsProgram({ places, library, ...options }: SweepProgramOptions): void {
  if (library !== undefined) loadNativePart(library);
  // With a handler they end nothing: the sweep goes to its own end.
  for (const signal of END_SIGNALS) process.on(signal, () => {});
  process.exitCode = sweep(options) ? 0 : 1;
  // After the processes: what was mounted over the targets must be gone.
  takeTargetsAway(new RegistryFolders(places));
}

/** Nobody waits for this process, so it may wait. */
function takeTargetsAway(folders: RegistryFolders): void {
  if (!canLock()) return;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt += 1) {
    const outcome = folders.tryLocked((found) => takeAwayAbandoned(new TargetRecords(found)));
    if (outcome !== undefined) return;
    Atomics.wait(pause, 0, 0, LOCK_PAUSE_MS);
  }
}
