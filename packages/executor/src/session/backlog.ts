import type { ManagedProcess, ProcessSnapshot } from "../process/index.ts";

/** Bytes of output that are fetched and sent at a time. */
const STEP_BYTES = 262_144;

/** Where the events go, and whether they still may. */
export interface BacklogTarget {
  /** False once the line is gone: nothing more is sent. */
  readonly isCurrent: () => boolean;
  /** Resolves when the line takes more, or is gone. */
  readonly whenWritable: () => Promise<void>;
  /** Send the events from `fromSeq` up to the end of the slice. */
  readonly send: (process: ManagedProcess, fromSeq: number, slice: ProcessSnapshot) => void;
}

/**
 * The processes of a session whose line gets older events before newer ones.
 *
 * A client that was away asks once for everything, and one answer may not hold it. The rest is then sent as notices, in
 * order, up to where the line's own notices began; meanwhile the child waits, and newer notices come after. Of a process
 * that is withheld nothing is sent before it is released.
 */
export class Backlog {
  readonly #target: BacklogTarget;
  /** The first number that this line was sent, or will be without being asked; 1 when absent. */
  readonly #sentFrom = new Map<ManagedProcess, number>();
  /** The next number to send. */
  readonly #cursors = new Map<ManagedProcess, number>();
  readonly #withheld = new Set<ManagedProcess>();

  /** @param known - Processes that were there before the line was. */
  constructor(target: BacklogTarget, known: readonly ManagedProcess[]) {
    this.#target = target;
    for (const process of known) this.#sentFrom.set(process, process.nextSeq);
  }

  /** True while new events of this process have to wait: they will be sent from what it keeps. */
  holds(process: ManagedProcess): boolean {
    return this.#cursors.has(process);
  }

  /** Send everything from `fromSeq` on that this line was never sent. Begins in a later turn. */
  send(process: ManagedProcess, fromSeq: number): void {
    if (!this.#target.isCurrent() || fromSeq >= (this.#sentFrom.get(process) ?? 1)) return;
    const isUnderWay = this.#cursors.has(process);
    this.#sentFrom.set(process, fromSeq);
    this.#cursors.set(process, fromSeq);
    process.pauseOutput("backlog");
    if (!isUnderWay) setImmediate(() => void this.#run(process));
  }

  /** Send nothing of it, new events included, until {@link release}. */
  withhold(process: ManagedProcess): void {
    this.#withheld.add(process);
    this.#cursors.set(process, process.nextSeq);
    process.pauseOutput("backlog");
  }

  /** Send what was withheld. Begins in a later turn. */
  release(process: ManagedProcess): void {
    if (this.#withheld.delete(process)) setImmediate(() => void this.#run(process));
  }

  /** It is forgotten. */
  forget(process: ManagedProcess): void {
    this.#sentFrom.delete(process);
    if (this.#withheld.delete(process)) this.#cursors.delete(process);
  }

  /** The line is gone: the children go on at once, before another line can make them wait. */
  end(): void {
    for (const process of this.#cursors.keys()) process.resumeOutput("backlog");
    this.#cursors.clear();
    this.#withheld.clear();
  }

  async #run(process: ManagedProcess): Promise<void> {
    while (await this.#step(process));
    if (this.#target.isCurrent()) process.resumeOutput("backlog");
  }

  /** @returns whether there is more to send. From the turn in which there is not, new events go their own way. */
  async #step(process: ManagedProcess): Promise<boolean> {
    await this.#target.whenWritable();
    const cursor = this.#cursors.get(process) ?? process.nextSeq;
    const slice = await process.read(cursor - 1, STEP_BYTES);
    const isCurrent = this.#target.isCurrent();
    if (isCurrent && this.#cursors.get(process) !== cursor) return true;
    if (isCurrent) this.#target.send(process, cursor, slice);
    if (isCurrent && slice.nextSeq < process.nextSeq) {
      this.#cursors.set(process, slice.nextSeq);
      return true;
    }
    this.#cursors.delete(process);
    return false;
  }
}
