import { readdirSync, readFileSync } from "node:fs";
import { isExhaustion } from "../platform/os-error.ts";
import { readProcFile } from "../platform/proc-file.ts";
import { procStatOf } from "../platform/proc-stat.ts";
import { serialOf } from "./marked-process.ts";

/** Passes without a find after which no process is left, though processes come and go all the time. */
const QUIET_PASSES = 20;
/** A process in an uninterruptible call of the system ends when that call does. */
const GIVE_UP_MS = 30_000;
const PAUSE_MS = 5;

export interface SweepOptions {
  /** The digits that all marks of the executor share. */
  readonly mark: string;
  /** The session that the executor was in. Its groups have members that the executor did not start. */
  readonly ownerSession: number;
}

interface Pass {
  /** Marked processes that live and can be reached. */
  readonly found: ReadonlySet<number>;
  /** A process ended while we looked, and may have left a child that was not listed yet. */
  readonly isBlurred: boolean;
  /** The system had nothing left to look with: who was not found may be there all the same. */
  readonly isBlind: boolean;
}

/**
 * Kill every process that carries the mark, until none is left.
 *
 * @returns whether none is.
 */
export function sweep(options: SweepOptions): boolean {
  const endMs = performance.now() + GIVE_UP_MS;
  let quietPasses = 0;
  let before: ReadonlySet<number> = new Set();
  while (performance.now() < endMs) {
    const { found, isBlurred, isBlind } = pass(options);
    quietPasses = found.size === 0 && !isBlind ? quietPasses + 1 : 0;
    if (quietPasses > 0 && (!isBlurred || quietPasses >= QUIET_PASSES)) return true;
    // Those seen before are dying; new ones must not get time to fork on.
    if ([...found].every((pid) => before.has(pid))) pause();
    before = found;
  }
  return false;
}

function pass(options: SweepOptions): Pass {
  const found = new Set<number>();
  let isBlurred = false;
  try {
    for (const pid of newestFirst()) {
      const outcome = killIfMarked(pid, options);
      if (outcome === "killed") found.add(pid);
      if (outcome === "gone") isBlurred = true;
    }
  } catch (thrown) {
    if (!isExhaustion(thrown)) throw thrown;
    return { found, isBlurred, isBlind: true };
  }
  return { found, isBlurred, isBlind: false };
}

/**
 * End one process and its group if it carries the mark, with a number that is `isDoomed`; any number when absent.
 *
 * @throws the system's error when it has nothing left to look with.
 */
export function killIfMarked(
  pid: number,
  { mark, ownerSession, isDoomed = () => true }: SweepOptions & { readonly isDoomed?: (serial: number) => boolean },
): "killed" | "gone" | "spared" {
  const limits = readProcFile(pid, "limits");
  if (limits === undefined) return "gone";
  const serial = serialOf(limits, mark);
  if (serial === undefined || !isDoomed(serial)) return "spared";
  const stat = procStatOf(pid);
  if (stat === undefined) return "gone";
  const { isDead, session, group } = stat;
  if (isDead) return "spared";
  // A group dies as one, members included that are being born. A session that a marked process is in and the
  // executor was not in holds descendants only.
  if (session !== ownerSession) kill(-group);
  return kill(pid) ? "killed" : "spared";
}

/** A living process that carries a mark. */
export interface Descendant {
  readonly pid: number;
  readonly serial: number;
  readonly group: number;
}

/** @throws the system's error when it has nothing left to look with. */
export function descendantAt(pid: number, mark: string): Descendant | "gone" | undefined {
  const limits = readProcFile(pid, "limits");
  if (limits === undefined) return "gone";
  const serial = serialOf(limits, mark);
  if (serial === undefined) return undefined;
  const stat = procStatOf(pid);
  if (stat === undefined) return "gone";
  return stat.isDead ? undefined : { pid, serial, group: stat.group };
}

/** Ask a descendant to end, if it still is the one that was found. */
export function askToEnd({ pid, serial, group }: Descendant, mark: string): void {
  const now = descendantAt(pid, mark);
  if (now === undefined || now === "gone" || now.serial !== serial || now.group !== group) return;
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It is gone, or runs as a user that this one may not signal.
  }
}

/**
 * The ids of all processes. Young ones are those that may fork on while the list is read.
 *
 * @throws the system's error when it has nothing left to look with.
 */
export function newestFirst(): readonly number[] {
  return youngestFirst(readdirSync("/proc").map(Number).filter(Number.isInteger), lastGivenPid());
}

/** Ids are given in order, and again from the lowest free one on after the highest: those above the last one are the oldest. */
export function youngestFirst(pids: readonly number[], lastGiven: number): readonly number[] {
  return [...pids].sort((left, right) => Number(left > lastGiven) - Number(right > lastGiven) || right - left);
}

/** The id of the newest process; above all ids where the system does not tell. */
function lastGivenPid(): number {
  try {
    return Number(readFileSync("/proc/loadavg", "latin1").trim().split(" ").at(-1));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** False when it is gone, or runs as a user that this one may not signal. */
function kill(target: number): boolean {
  try {
    return process.kill(target, "SIGKILL");
  } catch {
    return false;
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}
