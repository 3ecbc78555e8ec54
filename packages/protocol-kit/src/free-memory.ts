/** Below this much the garbage collector is as quick. */
const MIN_BYTES = 32 * 1024;

/**
 * Give the memory of bytes back now, with all that shares it: whoever looks at it afterwards finds it empty. Shared memory, and a short piece,
 * stays.
 *
 * Memory outside the heap is what the garbage collector counts most: a flood of new pieces keeps it marking all the time, on the cores that all
 * other work needs.
 */
export function freeMemory({ buffer }: Uint8Array): void {
  // Detaching is the one way that there is.
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= MIN_BYTES) buffer.transfer(0);
}
