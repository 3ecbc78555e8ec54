import { lazily } from "./c-library.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const ATTEMPTS = 200;
const PAUSE_MS = 1;

const functions = lazily((library) => ({ flock: library.func("int flock(int fd, int operation)") }));

/** True where {@link tryLock} works. */
export function canLock(): boolean {
  return functions() !== undefined;
}

/**
 * Lock an open file against other processes until it is closed. Holders keep it for a moment only, so this waits for a
 * fraction of a second and no longer.
 *
 * @returns false when somebody else keeps it.
 */
export function tryLock(fd: number): boolean {
  const calls = functions();
  if (calls === undefined) return false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (calls.flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  return false;
}
