import { TEXT_MAX_BYTES } from "./limits.ts";

/** Lines for a model, up to a number of them and to {@link TEXT_MAX_BYTES}. */
export class LineBudget {
  readonly #lines: string[] = [];
  readonly #limit: number;
  #bytes = 0;
  #isFull = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A line was refused. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get count(): number {
    return this.#lines.length;
  }

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  /** @returns Whether there was room for it. */
  add(line: string): boolean {
    const bytes = Buffer.byteLength(line) + 1;
    this.#isFull ||= this.#lines.length === this.#limit || this.#bytes + bytes > TEXT_MAX_BYTES;
    if (this.#isFull) return false;
    this.#lines.push(line);
    this.#bytes += bytes;
    return true;
  }
}
