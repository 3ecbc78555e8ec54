import { Descent } from "./descent.ts";
import { type Guarded, Guardian, type Unguarded } from "./guardian.ts";

export { newestFirst } from "./sweep.ts";
export type { Descent, Guarded, Unguarded };

const listeners = new Set<(message: string) => void>();

/** One for all executors of this process: it watches the end of the process, which is the end of all of them. */
const guardian = new Guardian((message) => {
  for (const listener of listeners) listener(message);
});

/**
 * Start children so that none of their descendants outlives this process.
 *
 * @param start - Starts them before it returns. What it starts runs whether or not there is a guardian.
 * @param serial - A number of a {@link Descent} that can end them before.
 */
export function startGuarded<T>(start: () => T, serial?: number): T {
  return guardian.around(start, serial);
}

/** Before the first start: what is started may get control groups, which are to be taken away when this process is gone. */
export function watchGroups(): void {
  guardian.watchGroups();
}

/** Numbers for starts whose descendants are to be ended together. Without a guardian nothing is ended by them. */
export function newDescent(): Descent {
  return new Descent((isDoomed) => guardian.end(isDoomed));
}

/** Whether `kill -9` of this process would leave nothing behind. Starts the guardian if no process was started so far. */
export function guardianStatus(): Guarded | Unguarded {
  return guardian.status();
}

/**
 * Subscribe to messages about children that are not or no longer guarded, and about a guardian that was replaced.
 *
 * @returns a function that ends it.
 */
export function onGuardianNotice(listener: (message: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
