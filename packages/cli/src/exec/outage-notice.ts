import type { ExecutorState } from "@holdfast/exec-client";
import { printable } from "../command-line/printable.ts";

/** A line that is back sooner is not worth a word. */
const SHOWN_AFTER_MS = 2_000;
const UPDATE_INTERVAL_MS = 1_000;
/** To the beginning of the line, which is cleared. The terminal may be in raw mode, where a line feed only goes down. */
const REWRITE = "\r\u001b[K";

/** Tells on a terminal that the line is lost and for how long it has been tried for. Elsewhere it says nothing. */
export class OutageNotice implements Disposable {
  readonly #stderr: NodeJS.WriteStream;
  readonly #name: string;
  readonly #limitMs: number;
  /** What keys do meanwhile. Said behind how long it has been tried. */
  keysText = "";
  #timer: NodeJS.Timeout | undefined;
  #lostAtMs = 0;
  #isShown = false;

  /**
   * @param name - Name of the program, at the beginning of what it says.
   * @param limitMs - After how long the line is given up.
   */
  constructor(stderr: NodeJS.WriteStream, name: string, limitMs: number) {
    this.#stderr = stderr;
    this.#name = name;
    this.#limitMs = limitMs;
  }

  readonly onStateChange = (state: ExecutorState): void => {
    this[Symbol.dispose]();
    if (!this.#stderr.isTTY) return;
    if (state === "recovering") {
      this.#lostAtMs = performance.now();
      this.#showAfter(SHOWN_AFTER_MS);
    } else if (this.#isShown) {
      this.#isShown = false;
      const outcome = state === "connected" ? `the line is back after ${this.#seconds()} s` : "the line is given up";
      this.#write(`${REWRITE}${printable(`${this.#name}: ${outcome}`)}\r\n`);
    }
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #showAfter(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const begin = this.#isShown ? REWRITE : "\r\n";
      this.#isShown = true;
      const text = `${this.#name}: line lost, trying for ${this.#seconds()} s of ${this.#limitMs / 1_000} s${this.keysText}`;
      this.#write(begin + printable(text));
      this.#showAfter(UPDATE_INTERVAL_MS);
    }, delayMs).unref();
  }

  #seconds(): number {
    return Math.round((performance.now() - this.#lostAtMs) / 1_000);
  }

  #write(text: string): void {
    this.#stderr.write(text);
  }
}
