import { randomInt } from "node:crypto";
import type { ExecProcess } from "./exec-process.ts";
import {
  LINGERING_PROCESSES_MAX,
  PROCESS_ID_MAX,
  PROCESS_ID_MIN,
  PROTECTED_PROCESSES,
  STORED_PROCESSES_MAX,
} from "./limits.ts";

/** How numbers are chosen. `counting`: 1000, 1001, …, for tests that want to know them. */
export type ProcessNumbering = "random" | "counting";

/** Owns every process, whoever waits for it: by number until its end has been told, and apart as long as it leaves something running. */
export class ProcessTable {
  readonly #numbering: ProcessNumbering;
  readonly #reserved = new Set<number>();
  /** The one that was used last is the last. */
  readonly #stored = new Map<number, ExecProcess>();
  readonly #lingering = new Set<ExecProcess>();
  #nextNumber = PROCESS_ID_MIN;

  constructor(numbering: ProcessNumbering) {
    this.#numbering = numbering;
  }

  /** Numbers in use. */
  get size(): number {
    return this.#reserved.size;
  }

  /** A number that no other command has, until it is released. */
  reserve(): number {
    let number = this.#candidate();
    while (this.#reserved.has(number)) number = this.#candidate();
    this.#reserved.add(number);
    return number;
  }

  release(number: number): void {
    this.#reserved.delete(number);
    this.#stored.delete(number);
  }

  /** Keep it under its number. @returns What has to be ended for it. */
  store(process: ExecProcess): ExecProcess | undefined {
    const evicted = this.#stored.size < STORED_PROCESSES_MAX ? undefined : this.#leastUseful();
    if (evicted !== undefined) this.release(evicted.number);
    this.#stored.set(process.number, process);
    return evicted;
  }

  get(number: number): ExecProcess | undefined {
    return this.#stored.get(number);
  }

  /** It is used now. */
  touch(process: ExecProcess): void {
    if (!this.#stored.delete(process.number)) return;
    this.#stored.set(process.number, process);
  }

  /** Its end has been told. @returns What has to be ended, where too many have left something running. */
  finish(process: ExecProcess): ExecProcess | undefined {
    this.forget(process);
    return this.#linger(process);
  }

  /** Another is to be stored under its number, which stays reserved. @returns As `finish`. */
  supersede(process: ExecProcess): ExecProcess | undefined {
    if (this.#stored.get(process.number) === process) this.#stored.delete(process.number);
    return this.#linger(process);
  }

  /** It is being ended. */
  forget(process: ExecProcess): void {
    if (this.#stored.get(process.number) === process) this.release(process.number);
    this.#lingering.delete(process);
  }

  /** Those with a number, the one that was used last at the end. */
  stored(): readonly ExecProcess[] {
    return [...this.#stored.values()];
  }

  /** Forget all. @returns What has to be ended. */
  clear(): readonly ExecProcess[] {
    const all = [...this.#stored.values(), ...this.#lingering];
    this.#stored.clear();
    this.#lingering.clear();
    this.#reserved.clear();
    return all;
  }

  /** Keep it until nothing runs any more that it started. @returns What has to be ended, where there are too many. */
  #linger(process: ExecProcess): ExecProcess | undefined {
    if (process.isClosed || this.#lingering.has(process)) return undefined;
    this.#lingering.add(process);
    void process.closed.then(() => this.#lingering.delete(process));
    if (this.#lingering.size <= LINGERING_PROCESSES_MAX) return undefined;
    const [oldest] = this.#lingering;
    if (oldest !== undefined) this.#lingering.delete(oldest);
    return oldest;
  }

  /** One that has exited before one that runs, the one that was not used for longest first; none that somebody waits for. */
  #leastUseful(): ExecProcess | undefined {
    const candidates = [...this.#stored.values()].slice(0, -PROTECTED_PROCESSES);
    const exited = candidates.filter(({ exit, failure }) => exit !== undefined || failure !== undefined);
    const free = exited.find(({ waiters }) => waiters === 0);
    // Those that somebody waits for will make room by themselves: no other has to be ended for it.
    if (free !== undefined || exited.length > 0) return free;
    return candidates.find(({ waiters }) => waiters === 0);
  }

  #candidate(): number {
    if (this.#numbering === "random") return randomInt(PROCESS_ID_MIN, PROCESS_ID_MAX + 1);
    this.#nextNumber += 1;
    return this.#nextNumber - 1;
  }
}
