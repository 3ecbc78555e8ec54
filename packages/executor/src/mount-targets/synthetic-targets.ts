import { closeSync, constants, lstatSync, mkdirSync, openSync } from "node:fs";
import { type Clock, systemClock } from "@holdfast/rpc";
import { SandboxError, type SyntheticTarget } from "@holdfast/sandbox";
import { NO_C_LIBRARY } from "../platform/c-library.ts";
import { canLock } from "../platform/file-lock.ts";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { processIdentity } from "../platform/process-identity.ts";
import { PinnedEntries } from "./pinned-folder.ts";
import { RegistryFolders } from "./registry-folders.ts";
import { takeAway, takeAwayAbandoned } from "./take-away.ts";
import { TargetRecords } from "./target-records.ts";

/** Others keep the lock for a moment only. One that was stopped in that moment must not block all others for ever. */
const LOCK_PATIENCE_MS = 10_000;
const LOCK_PAUSE_MS = 3;

let instances = 0;

/** The targets that one run needs, until it is released. */
export interface TargetHold {
  /** Their paths, for the next program in this very process. */
  readonly paths: readonly string[];
  /** Idempotent. Resolves, or returns, when they are gone; rejects, or throws, when they could not be taken away. */
  release(): void | Promise<void>;
}

const NOTHING: TargetHold = { paths: [], release: () => {} };

/**
 * Empty places that something is mounted over during a run: made before it, taken away after the last run that needed
 * them, of whichever executor. What was there already is left alone, and so is what is no longer empty.
 */
export class SyntheticTargets {
  readonly #folders: RegistryFolders;
  readonly #delay: Pick<Clock, "after">;
  #user: string;
  readonly #uses = new Map<string, number>();
  #swept = false;

  /**
   * @param places - Folders in which the registry may lie, best first.
   * @param delay - Waits for other processes, which go by the system's time whatever the clock of this executor. Default: the system's.
   */
  constructor(places: readonly string[], delay: Pick<Clock, "after"> = systemClock) {
    this.#folders = new RegistryFolders(places);
    this.#delay = delay;
    instances += 1;
    this.#user = `${processIdentity(process.pid) ?? process.pid}.${instances}`;
  }

  /** Folders of the registry. No command may see them. */
  get hiddenPlaces(): readonly string[] {
    return this.#folders.paths();
  }

  /**
   * A promise only where another process has the registry right now.
   *
   * @throws SandboxError (or rejects with it) when one can't be made; none stays then.
   */
  hold(targets: readonly SyntheticTarget[]): TargetHold | Promise<TargetHold> {
    if (targets.length === 0) return NOTHING;
    if (!canLock()) throw unusable(NO_C_LIBRARY);
    return this.#locked((records) => {
      if (!this.#swept) takeAwayAbandoned(records);
      this.#swept = true;
      const held: string[] = [];
      using entries = new PinnedEntries();
      try {
        for (const target of targets) if (this.#use(target, records, entries)) held.push(target.path);
      } catch (thrown) {
        for (const path of held) this.#drop(path, records, entries);
        throw thrown;
      }
      return held.length === 0 ? NOTHING : { paths: held, release: () => this.#release(held.splice(0)) };
    });
  }

  /** The name under which they are recorded, for the next program in this very process. */
  handOver(): string {
    return this.#user;
  }

  /** Go on under the name of another program. To be called first. */
  adopt(user: string): void {
    this.#user = user;
  }

  /** The targets of a run that goes on: they are on record. */
  adoptHold(paths: readonly string[]): TargetHold {
    if (paths.length === 0) return NOTHING;
    for (const path of paths) this.#uses.set(path, (this.#uses.get(path) ?? 0) + 1);
    const held = [...paths];
    return { paths: held, release: () => this.#release(held.splice(0)) };
  }

  /** False when the place was there before and is not a target. */
  #use(target: SyntheticTarget, records: TargetRecords, entries: PinnedEntries): boolean {
    const identity = make(target, entries);
    if (identity === undefined) {
      const record = records.record(target.path);
      if (record === undefined) return false;
      if (record.identity !== identityOf(target.path, entries)) {
        records.forget(target.path);
        return false;
      }
      records.addUser(target.path, this.#user);
    } else records.add({ ...target, identity }, this.#user);
    this.#uses.set(target.path, (this.#uses.get(target.path) ?? 0) + 1);
    return true;
  }

  #release(paths: readonly string[]): void | Promise<void> {
    if (paths.length === 0) return;
    return this.#locked((records) => {
      using entries = new PinnedEntries();
      for (const path of paths) this.#drop(path, records, entries);
    });
  }

  #drop(path: string, records: TargetRecords, entries: PinnedEntries): void {
    const left = (this.#uses.get(path) ?? 1) - 1;
    if (left > 0) {
      this.#uses.set(path, left);
      return;
    }
    this.#uses.delete(path);
    const record = records.removeUser(path, this.#user);
    if (record !== undefined) takeAway(record, records, entries);
  }

  #locked<T>(act: (records: TargetRecords) => T): T | Promise<T> {
    const outcome = this.#tryLocked(act);
    return outcome === undefined ? this.#lockedLater(act) : outcome.value;
  }

  async #lockedLater<T>(act: (records: TargetRecords) => T): Promise<T> {
    let isPatient = true;
    const patience = this.#delay.after(LOCK_PATIENCE_MS, () => {
      isPatient = false;
    });
    // The clock's timers do not: a program with nothing else to do would end here, and say nothing.
    const alive = setInterval(() => {}, LOCK_PATIENCE_MS);
    try {
      while (isPatient) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#delay.after(LOCK_PAUSE_MS, resolve);
        await promise;
        const outcome = this.#tryLocked(act);
        if (outcome !== undefined) return outcome.value;
      }
    } finally {
      patience.cancel();
      clearInterval(alive);
    }
    throw unusable(`another executor of this user has kept ${this.#folders.paths().join(", ")} locked for 10 s`);
  }

  #tryLocked<T>(act: (records: TargetRecords) => T): { readonly value: T } | undefined {
    try {
      return this.#folders.tryLocked((folders) => act(new TargetRecords(folders)));
    } catch (thrown) {
      if (thrown instanceof SandboxError) throw thrown;
      throw unusable(thrown instanceof Error ? thrown.message : String(thrown), thrown);
    }
  }
}

/** @returns its identity, or `undefined` when something is there already. */
function make({ path, kind }: SyntheticTarget, entries: PinnedEntries): string | undefined {
  try {
    const entry = entries.at(path);
    if (kind === "directory") mkdirSync(entry, { mode: 0o755 });
    else closeSync(openSync(entry, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o444));
    return identityAt(entry);
  } catch (thrown) {
    const code = errnoName(thrown);
    if (code === "EEXIST") return undefined;
    const reason = (code && osErrorText(code)) || String(thrown);
    throw new SandboxError("unenforceable", `mount target ${path} can't be made: ${reason}`, { cause: thrown });
  }
}

function identityOf(path: string, entries: PinnedEntries): string | undefined {
  try {
    return identityAt(entries.at(path));
  } catch {
    return undefined;
  }
}

function identityAt(entry: string): string {
  const { dev, ino } = lstatSync(entry);
  return `${dev}:${ino}`;
}

function unusable(reason: string, cause?: unknown): SandboxError {
  return new SandboxError("unenforceable", `mount targets can't be prepared: ${reason}`, { cause });
}
