import type { Clock, Timer } from "@holdfast/rpc";
import { FileSystemFault } from "../filesystem/index.ts";
import { TREE_THREAD_IDLE_MS, TREE_THREADS_MAX } from "./limits.ts";
import type { TreeOperation, TreeOperations } from "./tree-messages.ts";
import { TreeThread } from "./tree-thread.ts";

/** A thread that one job stays with. */
export interface TreeLease {
  /** Chosen for the job; unique among all. */
  readonly job: number;
  run: TreeThread["run"];
  /** The job is over. Resolves when the thread has forgotten it, and holds nothing of it. Never rejects. Idempotent. */
  release(): Promise<void>;
}

interface Seat {
  readonly thread: TreeThread;
  jobs: number;
  idle?: Timer | undefined;
}

/** The threads of an executor that work on trees. A disk that does not answer holds up one of them. */
export class TreeThreads {
  readonly #delay: Pick<Clock, "after">;
  readonly #seats = new Set<Seat>();
  #lastJob = 0;
  #state: "open" | "closed" = "open";

  constructor(delay: Pick<Clock, "after">) {
    this.#delay = delay;
  }

  /** Threads that are there. */
  get size(): number {
    return this.#seats.size;
  }

  /** @throws FileSystemFault when the executor is closing, or no thread can be had. */
  lease(): TreeLease {
    const seat = this.#seat();
    seat.jobs += 1;
    seat.idle?.cancel();
    this.#lastJob += 1;
    const job = this.#lastJob;
    let released: Promise<void> | undefined;
    const letGo = async (): Promise<void> => {
      await seat.thread.run("drop", { job }).catch(() => {});
      seat.jobs -= 1;
      if (seat.jobs > 0 || !this.#seats.has(seat)) return;
      seat.idle = this.#delay.after(TREE_THREAD_IDLE_MS, () => this.#end(seat));
    };
    const release = (): Promise<void> => {
      released ??= letGo();
      return released;
    };
    return { job, run: (operation, given) => seat.thread.run(operation, given), release };
  }

  /** One operation that needs none before it. Rejects with a FileSystemFault. */
  async run<Name extends TreeOperation>(
    operation: Name,
    given: TreeOperations[Name]["given"],
  ): Promise<TreeOperations[Name]["answered"]> {
    const lease = this.lease();
    try {
      return await lease.run(operation, given);
    } finally {
      await lease.release();
    }
  }

  /** End all of them; what is not done fails. Idempotent. */
  close(): void {
    this.#state = "closed";
    for (const seat of [...this.#seats]) this.#end(seat);
  }

  /** The one with the least to do, or another one. */
  #seat(): Seat {
    if (this.#state === "closed") throw new FileSystemFault("other", "the executor is shutting down");
    const [least] = [...this.#seats].sort((left, right) => left.jobs - right.jobs);
    if (least !== undefined && (least.jobs === 0 || this.#seats.size >= TREE_THREADS_MAX)) return least;
    try {
      return this.#newSeat();
    } catch (cause) {
      // The system has no thread left, as a rule.
      if (least !== undefined) return least;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new FileSystemFault("other", `no thread can be had for it: ${why}`, { cause });
    }
  }

  #newSeat(): Seat {
    const thread = new TreeThread(() => this.#seats.delete(seat));
    const seat: Seat = { thread, jobs: 0 };
    this.#seats.add(seat);
    return seat;
  }

  #end(seat: Seat): void {
    seat.idle?.cancel();
    this.#seats.delete(seat);
    seat.thread.end();
  }
}
