import type { FuzzyFileSearchResult } from "@holdfast/app-server-protocol";
import type { Clock } from "@holdfast/rpc";
import type { FileListing } from "./file-listing.ts";
import { REPORT_INTERVAL_MS } from "./limits.ts";
import { rankFiles } from "./rank-files.ts";

/** How a session tells what it finds. */
export interface SessionReports {
  updated(query: string, files: FuzzyFileSearchResult[]): void;
  completed(): void;
}

/** A search whose query changes as its user types: the files are listed once. */
export class SearchSession {
  readonly #listing: FileListing;
  readonly #reports: SessionReports;
  readonly #clock: Clock;
  readonly #stop: AbortController;
  #latest = new AbortController();

  constructor(parts: {
    readonly listing: FileListing;
    readonly reports: SessionReports;
    readonly clock: Clock;
    /** Ends the listing as well. */
    readonly stop: AbortController;
  }) {
    this.#listing = parts.listing;
    this.#reports = parts.reports;
    this.#clock = parts.clock;
    this.#stop = parts.stop;
  }

  /** Look for something else. What was looked for before is told no more. */
  ask(query: string): void {
    this.#latest.abort();
    this.#latest = new AbortController();
    void this.#search(query, this.#latest.signal);
  }

  close(): void {
    this.#stop.abort();
    this.#latest.abort();
  }

  async #search(query: string, signal: AbortSignal): Promise<void> {
    const { done } = this.#listing;
    for (let isLast = false; !isLast; ) {
      isLast = this.#listing.isDone;
      const files = await rankFiles(query, this.#listing.entries, { clock: this.#clock, signal });
      if (signal.aborted) return;
      // While more is being found, nothing yet is no news.
      if (isLast || files.length > 0) this.#reports.updated(query, files);
      if (!isLast) await this.#soon(done);
      if (signal.aborted) return;
    }
    this.#reports.completed();
  }

  async #soon(done: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(REPORT_INTERVAL_MS, resolve);
    await Promise.race([done, promise]);
    timer.cancel();
  }
}
