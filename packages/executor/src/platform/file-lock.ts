import { lazily } from "./c-library.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;

const functions = lazily((library) => ({ flock: library.func("int flock(int fd, int operation)") }));

/** True where {@link tryLock} works. */
export function canLock(): boolean {
  return functions() !== undefined;
}

/**
 * Lock an open file or folder against other processes until it is closed. Does not wait.
 *
 * @returns false when it is held already.
 */
export function tryLock(fd: number): boolean {
  return functions()?.flock(fd, LOCK_EX | LOCK_NB) === 0;
}
