import { CLOSED_CONNECTIONS_MAX, CLOSED_CONNECTIONS_MAX_BYTES } from "@holdfast/exec-server-protocol";
import type { Clock } from "@holdfast/rpc";
import { ManagedProcess, type ManagedProcessOptions } from "./managed-process.ts";

export interface ProcessRegistryOptions {
  readonly delay: Pick<Clock, "after">;
  /** Milliseconds for which a closed process can still be read. */
  readonly closedRetentionMs: number;
  /** Processes known at once, retained ones counted. */
  readonly maxProcesses: number;
  /** Called when a closed process was forgotten. */
  readonly onForgotten?: ((process: ManagedProcess) => void) | undefined;
}

/** Why a process was not registered. */
export class RegistrationFault extends Error {
  override readonly name = "RegistrationFault";
}

/**
 * The processes of one session by their ids.
 *
 * An id is taken from the start until some time after the close. Clean-up compares identities, so that the end of an
 * older process never touches a newer one under the same id.
 */
export class ProcessRegistry {
  readonly #options: ProcessRegistryOptions;
  readonly #processes = new Map<string, ManagedProcess>();
  readonly #evictions = new Map<ManagedProcess, { cancel(): void }>();
  /** What each holds, bytes; the first that was closed first. */
  readonly #closedConnections = new Map<ManagedProcess, number>();
  #closedConnectionBytes = 0;
  /** To be forgotten when they are closed. */
  readonly #unretained = new WeakSet<ManagedProcess>();

  constructor(options: ProcessRegistryOptions) {
    this.#options = options;
  }

  get(id: string): ManagedProcess | undefined {
    return this.#processes.get(id);
  }

  all(): readonly ManagedProcess[] {
    return [...this.#processes.values()];
  }

  /**
   * Take an id for a process whose child is being started. It is adopted by the process itself, or the id is given up.
   *
   * @throws RegistrationFault
   */
  reserve(options: ManagedProcessOptions): ManagedProcess {
    const { maxProcesses } = this.#options;
    if (this.#processes.has(options.id)) throw new RegistrationFault(`process ${options.id} already exists`);
    if (this.#processes.size >= maxProcesses) {
      throw new RegistrationFault(`at most ${maxProcesses} processes may be known to one session`);
    }
    return this.add(options);
  }

  /** One that is known already, to another program in this very process. */
  add(options: ManagedProcessOptions): ManagedProcess {
    const process = new ManagedProcess(options);
    this.#processes.set(options.id, process);
    return process;
  }

  /** Whether a start is under way. */
  get isStarting(): boolean {
    return this.all().some(({ state }) => state.kind === "starting");
  }

  /** There will be no child: the id is free again. */
  abandon(process: ManagedProcess): void {
    this.#evict(process);
    process.abandonStart();
  }

  /** Retain nothing of it: neither now, if it is closed, nor once it is. */
  forget(process: ManagedProcess): void {
    if (process.state.kind !== "closed") {
      this.#unretained.add(process);
      return;
    }
    this.#evictions.get(process)?.cancel();
    this.#evict(process);
  }

  /** Begin the retention of a closed process; nothing to do for one that is forgotten already. */
  retain(process: ManagedProcess): void {
    if (this.#processes.get(process.id) !== process) return;
    if (this.#unretained.has(process)) {
      this.#evict(process);
      return;
    }
    const timer = this.#options.delay.after(this.#options.closedRetentionMs, () => this.#evict(process));
    this.#evictions.set(process, timer);
    if (process.facts.isConnection === true) this.#retainConnection(process);
  }

  /** How many there are is for those to say who connect. */
  #retainConnection(process: ManagedProcess): void {
    this.#closedConnections.set(process, process.retainedBytes);
    this.#closedConnectionBytes += process.retainedBytes;
    for (const oldest of this.#closedConnections.keys()) {
      const isWithin = this.#closedConnections.size <= CLOSED_CONNECTIONS_MAX;
      if (oldest === process || (isWithin && this.#closedConnectionBytes <= CLOSED_CONNECTIONS_MAX_BYTES)) return;
      this.#evictions.get(oldest)?.cancel();
      this.#evict(oldest);
    }
  }

  /** Kill what runs and forget everything. */
  terminateAll(): void {
    for (const process of this.#processes.values()) process.destroy();
    for (const timer of this.#evictions.values()) timer.cancel();
    this.#evictions.clear();
    this.#closedConnections.clear();
    this.#closedConnectionBytes = 0;
    this.#processes.clear();
  }

  #evict(process: ManagedProcess): void {
    this.#evictions.delete(process);
    this.#closedConnectionBytes -= this.#closedConnections.get(process) ?? 0;
    this.#closedConnections.delete(process);
    process.dispose();
    this.#options.onForgotten?.(process);
    if (this.#processes.get(process.id) === process) this.#processes.delete(process.id);
  }
}
