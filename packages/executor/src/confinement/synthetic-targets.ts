import { closeSync, constants, lstatSync, mkdirSync, openSync, rmdirSync, unlinkSync } from "node:fs";
import { SandboxError, type SyntheticTarget } from "@holdfast/sandbox";
import { canLock } from "../platform/file-lock.ts";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { processIdentity } from "../platform/process-identity.ts";
import { PinnedEntry } from "./pinned-folder.ts";
import { type TargetRecord, TargetRegistry } from "./target-registry.ts";

let instances = 0;

/** The targets that one run needs, until it is released. */
export interface TargetHold {
  /** Idempotent. */
  release(): void;
}

const NOTHING: TargetHold = { release: () => {} };

/**
 * Empty places that something is mounted over during a run: made before it, taken away after the last run that needed
 * them, of whichever executor. What was there already is left alone, and so is what is no longer empty.
 */
export class SyntheticTargets {
  readonly #registry: TargetRegistry;
  readonly #user: string;
  readonly #uses = new Map<string, number>();
  #swept = false;

  constructor(registryFolder: string) {
    this.#registry = new TargetRegistry(registryFolder);
    instances += 1;
    this.#user = `${processIdentity(process.pid) ?? process.pid}.${instances}`;
  }

  /** @throws SandboxError when one can't be made; none stays then. */
  hold(targets: readonly SyntheticTarget[]): TargetHold {
    if (targets.length === 0) return NOTHING;
    if (!canLock())
      throw new SandboxError("unenforceable", "mount targets can't be prepared: the C library can't be called");
    const held: string[] = [];
    try {
      this.#registry.locked(() => {
        if (!this.#swept) for (const record of this.#registry.abandoned()) this.#remove(record);
        this.#swept = true;
        for (const target of targets) if (this.#use(target)) held.push(target.path);
      });
    } catch (thrown) {
      this.#release(held);
      throw thrown;
    }
    if (held.length === 0) return NOTHING;
    return { release: () => this.#release(held.splice(0)) };
  }

  /** False when the place was there before and is nobody's target. */
  #use(target: SyntheticTarget): boolean {
    const identity = make(target);
    if (identity === undefined) {
      const record = this.#registry.record(target.path);
      if (record === undefined) return false;
      if (record.identity !== identityOf(target.path)) {
        this.#registry.forget(target.path);
        return false;
      }
    } else this.#registry.add({ ...target, identity });
    this.#registry.addUser(target.path, this.#user);
    this.#uses.set(target.path, (this.#uses.get(target.path) ?? 0) + 1);
    return true;
  }

  #release(paths: readonly string[]): void {
    if (paths.length === 0) return;
    this.#registry.locked(() => {
      for (const path of paths) this.#drop(path);
    });
  }

  #drop(path: string): void {
    const left = (this.#uses.get(path) ?? 1) - 1;
    if (left > 0) {
      this.#uses.set(path, left);
      return;
    }
    this.#uses.delete(path);
    this.#registry.removeUser(path, this.#user);
    const record = this.#registry.record(path);
    if (record !== undefined && !this.#registry.isUsed(path)) this.#remove(record);
  }

  #remove(record: TargetRecord): void {
    try {
      using entry = new PinnedEntry(record.path);
      const stats = lstatSync(entry.path, { throwIfNoEntry: false });
      if (stats !== undefined && `${stats.dev}:${stats.ino}` === record.identity) {
        if (record.kind === "directory") rmdirSync(entry.path);
        else if (stats.size === 0) unlinkSync(entry.path);
      }
    } catch {
      // Somebody put something into it, or took its folder away: it is theirs now.
    }
    this.#registry.forget(record.path);
  }
}

/** @returns its identity, or `undefined` when something is there already. */
function make({ path, kind }: SyntheticTarget): string | undefined {
  try {
    using entry = new PinnedEntry(path);
    if (kind === "directory") mkdirSync(entry.path, { mode: 0o755 });
    else closeSync(openSync(entry.path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o444));
    return identityOf(path);
  } catch (thrown) {
    const code = errnoName(thrown);
    if (code === "EEXIST") return undefined;
    const reason = (code && osErrorText(code)) || String(thrown);
    throw new SandboxError("unenforceable", `mount target ${path} can't be made: ${reason}`, { cause: thrown });
  }
}

function identityOf(path: string): string | undefined {
  try {
    using entry = new PinnedEntry(path);
    const { dev, ino } = lstatSync(entry.path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
