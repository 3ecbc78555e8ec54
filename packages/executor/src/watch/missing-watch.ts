import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { WATCH_MISSING_MAX_PATHS } from "@holdfast/exec-server-protocol";
import type { Clock } from "@holdfast/rpc";
import { exists, firstMissing } from "./first-missing.ts";

/** What to wait for. Absolute native paths. */
export interface WatchRequest {
  /** Above 0 and above every earlier one of the connection. */
  readonly watchId: number;
  /** Paths that are absent now. */
  readonly missing: readonly string[];
  /** A path that is there now; its end counts as a change. */
  readonly present: string | undefined;
}

/** Milliseconds between a change and its report: what appears together is reported once. */
const SETTLE_MS = 50;

interface Armed {
  readonly watchers: readonly FSWatcher[];
  report: { cancel(): void } | undefined;
}

/**
 * The one-shot watch of a connection: "tell me when these absent paths may have appeared".
 *
 * One is live at a time: a newer request replaces an older one, and a report spends it.
 */
export class MissingWatch {
  readonly #delay: Pick<Clock, "after">;
  readonly #changed: (watchId: number) => void;
  #lastId = 0;
  #armed: Armed | undefined;

  constructor(delay: Pick<Clock, "after">, changed: (watchId: number) => void) {
    this.#delay = delay;
    this.#changed = changed;
  }

  /** @returns false when nothing is watched: a stale id, no path or too many, one that is there already, a lost anchor. */
  arm({ watchId, missing, present }: WatchRequest): boolean {
    if (watchId <= this.#lastId) return false;
    this.#lastId = watchId;
    this.disarm();
    if (missing.length === 0 || missing.length > WATCH_MISSING_MAX_PATHS) return false;
    const hasChanged = () => missing.some((path) => exists(path)) || (present !== undefined && !exists(present));
    if (hasChanged()) return false;
    const appearing = missing.map(firstMissing);
    const folders = new Set([...appearing, ...(present === undefined ? [] : [present])].map((path) => dirname(path)));
    const look = () => {
      if (hasChanged() || appearing.some(exists)) this.#settle(watchId);
    };
    const watchers = [...folders].map((folder) => openWatcher(folder, look));
    this.#armed = { watchers: watchers.filter((watcher) => watcher !== undefined), report: undefined };
    if (watchers.includes(undefined)) {
      this.disarm();
      return false;
    }
    // What happened while the watchers were being opened was heard by none of them.
    look();
    return true;
  }

  disarm(): void {
    for (const watcher of this.#armed?.watchers ?? []) watcher.close();
    this.#armed?.report?.cancel();
    this.#armed = undefined;
  }

  #settle(watchId: number): void {
    if (this.#armed === undefined || this.#armed.report !== undefined) return;
    this.#armed.report = this.#delay.after(SETTLE_MS, () => {
      this.disarm();
      this.#changed(watchId);
    });
  }
}

function openWatcher(folder: string, look: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, look);
    watcher.on("error", look);
    return watcher;
  } catch {
    // Gone again, or the system has no watches left: the client falls back to probing.
    return undefined;
  }
}
