import { freeMemory } from "@holdfast/protocol-kit";

/** Where Node is imitated, what a socket gives may be read into again. */
const IS_NODE = !("Deno" in globalThis || "Bun" in globalThis);

/**
 * Pieces of long payloads as the socket gave them. The websocket copies them into one message, and then they are of no use to anybody.
 */
export class CopiedChunks {
  #chunks: Buffer[] = [];

  /** @param chunk - A part of a payload that is longer: it will be copied when that is whole. */
  add(chunk: Buffer): void {
    // What shares its memory is not the socket's own.
    if (IS_NODE && chunk.byteLength === chunk.buffer.byteLength) this.#chunks.push(chunk);
  }

  /** All that was added has been copied. */
  free(): void {
    if (this.#chunks.length === 0) return;
    for (const chunk of this.#chunks) freeMemory(chunk);
    this.#chunks = [];
  }
}
