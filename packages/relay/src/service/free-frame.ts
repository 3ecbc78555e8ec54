import { freeMemory } from "@holdfast/protocol-kit";

/** Give the memory of a frame back that has gone on to its other side: unless something else shares it, nobody has it any more. */
export function freeFrame(frame: Uint8Array): void {
  if (frame.byteLength === frame.buffer.byteLength) freeMemory(frame);
}
