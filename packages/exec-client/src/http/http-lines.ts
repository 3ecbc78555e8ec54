import { HTTP_IDLE_LINES_MAX } from "../limits.ts";
import type { HttpLine } from "./http-line.ts";

/** How HTTP finds lines. */
export interface HttpLineSource {
  /** Lines of its own at a time; one more body shares the line that everything else uses. */
  readonly maxOpen: number;
  /** Gets a line of its own; absent where there can be only one. @throws LinkError there is no line. */
  readonly open: ((signal: AbortSignal | undefined) => Promise<HttpLine>) | undefined;
  /** The line that everything else uses. */
  shared(signal: AbortSignal | undefined): Promise<HttpLine>;
}

/** A line for one request. */
export interface LeasedLine {
  readonly line: HttpLine;
  /** It is not needed any more. `cancelled`: something may still be on its way for this lease. */
  giveBack(how: "done" | "cancelled"): void;
}

/**
 * Lines for streamed bodies, beside the one of the session.
 *
 * The wire has no flow control for a body. On a line of its own a slow reader holds back its sender by the line's own
 * means, and giving up ends the request on the executor, both without touching anything else.
 */
export class HttpLines {
  readonly #source: HttpLineSource;
  readonly #idle: HttpLine[] = [];
  readonly #leased = new Set<HttpLine>();
  #opening = 0;
  #closed = false;

  constructor(source: HttpLineSource) {
    this.#source = source;
  }

  /** @throws LinkError there is no line. */
  async lease(signal: AbortSignal | undefined): Promise<LeasedLine> {
    const own = this.#takeIdle() ?? (await this.#open(signal));
    if (own === undefined) return { line: await this.#source.shared(signal), giveBack: () => {} };
    this.#leased.add(own);
    if (this.#closed) own.close("the client is done");
    return { line: own, giveBack: (how) => this.#giveBack(own, how) };
  }

  /** Close what is idle, and every line as soon as it is given back. */
  close(): void {
    this.#closed = true;
    for (const line of [...this.#idle, ...this.#leased]) line.close("the client is done");
    this.#idle.length = 0;
  }

  async #open(signal: AbortSignal | undefined): Promise<HttpLine | undefined> {
    const { open, maxOpen } = this.#source;
    if (open === undefined || this.#leased.size + this.#opening >= maxOpen) return undefined;
    this.#opening += 1;
    try {
      return await open(signal);
    } finally {
      this.#opening -= 1;
    }
  }

  #takeIdle(): HttpLine | undefined {
    for (;;) {
      const line = this.#idle.pop();
      if (line === undefined || line.isOpen) return line;
    }
  }

  #giveBack(line: HttpLine, how: "done" | "cancelled"): void {
    if (!this.#leased.delete(line)) return;
    if (how === "cancelled" || this.#closed || this.#idle.length >= HTTP_IDLE_LINES_MAX) line.close("the body is done");
    else this.#idle.push(line);
  }
}
