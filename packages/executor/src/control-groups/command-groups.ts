import { closeSync, constants, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Timer } from "@holdfast/rpc";
import { type GroupSetting, type PlannedGroup, SandboxError } from "@holdfast/sandbox";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import type { Log } from "../platform/ports.ts";
import type { InheritedDescriptor } from "../platform/posix-spawn.ts";
import { processIdentity } from "../platform/process-identity.ts";
import { removeAbandonedGroups, removeGroup } from "./abandoned-groups.ts";
import { groupPrefixOf } from "./group-names.ts";

/** Those of a sandbox die with its first process, and are gone some milliseconds after it. */
const FIRST_PAUSE_MS = 2;
const MAX_PAUSE_MS = 1_000;
/** A process in an uninterruptible call of the system ends when that call does. */
const GIVE_UP_MS = 60_000;

/** Numbers are the process's: executors in it share the names. */
let lastNumber = 0;

/** The groups of one run. */
export interface GroupHold {
  /** What the wrapper has to inherit. */
  readonly handed: readonly InheritedDescriptor[];
  /** The wrapper has them, or never will. Idempotent. */
  handedOver(): void;
  /** Their paths, for the next program in this very process. */
  readonly paths: readonly string[];
  /** The run has ended: the groups go as soon as they are empty. Idempotent. */
  release(): void;
}

const NOTHING: GroupHold = { handed: [], paths: [], handedOver: () => {}, release: () => {} };

/** What another program goes on with: groups that are to go, and how many were made. */
export interface HandedGroups {
  readonly lastNumber: number;
  readonly left: readonly string[];
}

/** Makes the control groups that plans ask for, and takes them away. */
export class CommandGroups {
  readonly #delay: Pick<Clock, "after">;
  readonly #log: Log;
  readonly #swept = new Set<string>();
  /** Groups that had processes when they were to go. */
  readonly #left = new Set<string>();
  #timer: Timer | undefined;
  #waiting: (() => void)[] = [];

  constructor(delay: Pick<Clock, "after">, log: Log) {
    this.#delay = delay;
    this.#log = log;
  }

  /** @throws SandboxError when one can't be made as it is planned; none stays then. */
  make(groups: readonly PlannedGroup[]): GroupHold {
    if (groups.length === 0) return NOTHING;
    this.#sweep(groups);
    const made: string[] = [];
    const handed: InheritedDescriptor[] = [];
    const handedOver = () => {
      for (const { from } of handed.splice(0)) closeSync(from);
    };
    const release = () => {
      handedOver();
      this.#remove(made.splice(0));
    };
    try {
      for (const { parent, settings, procsFd } of groups) {
        const path = join(parent, newName());
        attempt(() => mkdirSync(path, { mode: 0o755 }), `a cgroup in ${parent} can't be made`);
        made.push(path);
        for (const setting of settings) set(path, setting);
        const procs = join(path, "cgroup.procs");
        handed.push({
          from: attempt(() => openSync(procs, constants.O_WRONLY), `${procs} can't be opened`),
          to: procsFd,
        });
      }
    } catch (thrown) {
      release();
      throw thrown;
    }
    return { handed, paths: made, handedOver, release };
  }

  /** For the next program. */
  handOver(): HandedGroups {
    return { lastNumber, left: [...this.#left] };
  }

  /** Go on where another program stopped. To be called first. */
  adopt({ lastNumber: last, left }: HandedGroups): void {
    lastNumber = Math.max(lastNumber, last);
    this.#remove(left);
  }

  /** The groups of a run that goes on. */
  adoptHold(paths: readonly string[]): GroupHold {
    if (paths.length === 0) return NOTHING;
    const made = [...paths];
    return { handed: [], paths: made, handedOver: () => {}, release: () => this.#remove(made.splice(0)) };
  }

  /** Resolves when no group of ended runs is left, or after `patienceMs`. */
  settled(patienceMs: number): Promise<void> {
    if (this.#left.size === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const patience = this.#delay.after(patienceMs, resolve);
    this.#waiting.push(() => {
      patience.cancel();
      resolve();
    });
    return promise;
  }

  /** What executors left that were killed together with their guardian. Once for each place. */
  #sweep(groups: readonly PlannedGroup[]): void {
    for (const { parent } of groups) {
      if (this.#swept.has(parent)) continue;
      this.#swept.add(parent);
      removeAbandonedGroups([parent]);
    }
  }

  #remove(paths: readonly string[]): void {
    for (const path of paths) if (!removeGroup(path)) this.#left.add(path);
    if (this.#left.size > 0) this.#removeLater(FIRST_PAUSE_MS, 0);
  }

  /** All that are left are tried together. */
  #removeLater(pauseMs: number, waitedMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#delay.after(pauseMs, () => {
      for (const path of [...this.#left]) if (removeGroup(path)) this.#left.delete(path);
      if (this.#left.size > 0 && waitedMs < GIVE_UP_MS) {
        this.#removeLater(Math.min(2 * pauseMs, MAX_PAUSE_MS), waitedMs + pauseMs);
        return;
      }
      // The guardian or the next executor takes them away.
      for (const path of this.#left) this.#log.warn(`a cgroup stays, because processes are in it: ${path}`);
      this.#left.clear();
      for (const proceed of this.#waiting.splice(0)) proceed();
    });
  }
}

function newName(): string {
  lastNumber += 1;
  return `${groupPrefixOf(processIdentity(process.pid) ?? String(process.pid))}${lastNumber}`;
}

/** @throws SandboxError unless the kernel has taken it. */
function set(group: string, { file, value, isOptional }: GroupSetting): void {
  const path = join(group, file);
  attempt(() => {
    let fd: number;
    try {
      fd = openSync(path, constants.O_WRONLY);
    } catch (thrown) {
      if (isOptional === true && errnoName(thrown) === "ENOENT") return;
      throw thrown;
    }
    try {
      writeSync(fd, value);
    } finally {
      closeSync(fd);
    }
  }, `${file} of a cgroup can't be set to ${value}`);
}

function attempt<T>(act: () => T, what: string): T {
  try {
    return act();
  } catch (thrown) {
    const code = errnoName(thrown);
    const reason = (code && osErrorText(code)) || String(thrown);
    throw new SandboxError("unenforceable", `the limits of the command can't be kept: ${what}: ${reason}`, {
      cause: thrown,
    });
  }
}
