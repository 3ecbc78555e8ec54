import type { Inbound } from "@holdfast/protocol-kit";
import { Fifo } from "./fifo.ts";

/** A message whose handling may cost something: an answer is no such message. */
export type Work = Extract<Inbound, { kind: "call" | "notice" | "malformed" }>;

/** What a message costs besides its text. */
const OVERHEAD_BYTES = 256;

interface Held {
  readonly work: Work;
  readonly cost: number;
}

/** Inbound work that was read while it could not start, in order of arrival. */
export class HeldMessages {
  readonly #queue = new Fifo<Held>();
  #bytes = 0;

  get count(): number {
    return this.#queue.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(work: Work, size: number): void {
    const cost = size + OVERHEAD_BYTES;
    this.#queue.push({ work, cost });
    this.#bytes += cost;
  }

  first(): Work | undefined {
    return this.#queue.peek()?.work;
  }

  removeFirst(): void {
    this.#bytes -= this.#queue.shift()?.cost ?? 0;
  }

  clear(): void {
    this.#queue.clear();
    this.#bytes = 0;
  }
}
