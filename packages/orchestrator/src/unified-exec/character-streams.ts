import type { OutputStream } from "@holdfast/exec-client";
import { unfinishedBytes } from "./utf8-boundaries.ts";

/** Keeps characters whole that a process prints in two pieces, also when its other stream comes in between. */
export class CharacterStreams {
  readonly #begun = new Map<OutputStream, Uint8Array>();

  /** What can be passed on of a piece of output. */
  add(stream: OutputStream, data: Uint8Array): Uint8Array {
    const begun = this.#begun.get(stream);
    const bytes = begun === undefined ? data : Buffer.concat([begun, data]);
    const count = unfinishedBytes(bytes);
    if (count > 0) this.#begun.set(stream, bytes.slice(bytes.length - count));
    else if (begun !== undefined) this.#begun.delete(stream);
    return count === 0 ? bytes : bytes.subarray(0, bytes.length - count);
  }

  /** What is left: no more will come. */
  *rest(): Generator<Uint8Array, void, void> {
    yield* this.#begun.values();
    this.#begun.clear();
  }
}
