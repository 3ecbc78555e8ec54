import { lazily } from "./c-library.ts";

const POLLIN = 1;

const functions = lazily((library) => ({
  poll: library.func("int poll(void *descriptors, unsigned long count, int timeoutMs)"),
}));

/**
 * Make the system look whether there is something to read, without waiting.
 *
 * What is written to a terminal reaches its other side through a queue of the kernel, which a busy machine empties
 * late. Asking empties it; waiting for an event does not.
 */
export function pollNow(descriptor: number): void {
  // `struct pollfd`: a descriptor, what is asked, what is answered.
  const entry = new ArrayBuffer(8);
  new Int32Array(entry, 0, 1)[0] = descriptor;
  new Int16Array(entry, 4, 2)[0] = POLLIN;
  functions()?.poll(new Uint8Array(entry), 1, 0);
}
