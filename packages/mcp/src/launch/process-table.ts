import type { ServerProcess } from "./server-process.ts";

/** A process that is starting, runs, or has yet to be ended. Whoever uses it does not hold it: it ends when its owner says so. */
export interface OwnedProcess {
  /**
   * The process, once it runs.
   *
   * Rejects when it could not be started, or was to end before it was.
   */
  readonly started: Promise<ServerProcess>;
  /**
   * End it with all that it started, also while it is being started. Idempotent; resolves when nothing is left of it.
   *
   * @throws LinkError - Its executor is out of reach. It stays in the table and may be ended again.
   */
  end(): Promise<void>;
}

/**
 * The processes of servers, and what alone ends them.
 *
 * Clients, calls and listings that are under way refer to a process, and may do so for ever; none of them has a part in its end.
 */
export class ProcessTable {
  readonly #owned = new Set<Owned>();

  /** Those that are starting or run, and those whose end is not confirmed. */
  get size(): number {
    return this.#owned.size;
  }

  /** Ids on their machines of those that run, where they are known. */
  get pids(): readonly number[] {
    return [...this.#owned].flatMap(({ process }) => process?.pid ?? []);
  }

  /**
   * Own a process from before it is started.
   *
   * @param launch - Starts it. Its signal is aborted when it is to end before it runs.
   */
  own(launch: (signal: AbortSignal) => Promise<ServerProcess>): OwnedProcess {
    const owned = new Owned(launch, () => this.#owned.delete(owned));
    this.#owned.add(owned);
    return owned;
  }

  /** End all, those included whose end failed before. Never rejects: what could not be ended stays in the table. */
  async endAll(): Promise<void> {
    await Promise.allSettled([...this.#owned].map((each) => each.end()));
  }
}

class Owned implements OwnedProcess {
  readonly #launching = new AbortController();
  readonly #onGone: () => void;
  /** Let go of with its end. */
  #started: Promise<ServerProcess> | undefined;
  #process: ServerProcess | undefined;
  #ending: Promise<void> | undefined;

  constructor(launch: (signal: AbortSignal) => Promise<ServerProcess>, onGone: () => void) {
    this.#onGone = onGone;
    const started = launch(this.#launching.signal);
    this.#started = started;
    started.then(
      (process) => {
        this.#process = process;
      },
      () => {
        if (this.#ending === undefined) this.#gone();
      },
    );
  }

  get started(): Promise<ServerProcess> {
    return this.#started ?? Promise.reject(ended());
  }

  get process(): ServerProcess | undefined {
    return this.#process;
  }

  end(): Promise<void> {
    this.#launching.abort(ended());
    this.#ending ??= this.#end().catch((error: unknown) => {
      this.#ending = undefined;
      throw error;
    });
    return this.#ending;
  }

  async #end(): Promise<void> {
    // A start that comes too late is one, too.
    const process = await this.#started?.catch(() => undefined);
    await process?.end();
    this.#gone();
  }

  #gone(): void {
    this.#started = undefined;
    this.#process = undefined;
    this.#onGone();
  }
}

function ended(): Error {
  return new Error("the server was to end before it was started");
}
