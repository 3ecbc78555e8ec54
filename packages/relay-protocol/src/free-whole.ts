import { freeMemory } from "@holdfast/protocol-kit";

/** Give back the memory of bytes that nobody needs any more, unless they share it: not every imitation of Node gives a cipher's result memory of its own. */
export function freeWhole(bytes: Uint8Array): void {
  if (bytes.byteLength === bytes.buffer.byteLength) freeMemory(bytes);
}
