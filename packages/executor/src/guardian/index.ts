import { Descent, type HandedDescent, takeBlocks, takenBlocks } from "./descent.ts";
import { type Guarded, Guardian, type HandedGuardian, type Unguarded } from "./guardian.ts";

export { newestFirst } from "./sweep.ts";
export type { Descent, Guarded, HandedDescent, Unguarded };

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

/**
 * Numbers for starts whose descendants are to be ended together. Without a guardian nothing is ended by them.
 *
 * @param handed - What another program in this very process has given out.
 */
export function newDescent(handed?: HandedDescent): Descent {
  return new Descent(guardian, handed);
}

/** The guardian of this process and all that is marked, for the next program in it. */
export interface HandedGuard {
  readonly guardian?: HandedGuardian | undefined;
  readonly blocks: readonly number[];
}

/** Resolves when no descendants are being ended. */
export function descendantsEnded(): Promise<void> {
  return guardian.settled();
}

export function handOverGuard(): HandedGuard {
  return { guardian: guardian.handOver(), blocks: takenBlocks() };
}

/**
 * Go on with a guardian. To be called before the first start.
 *
 * @param owned - Blocks of sessions that go on, too. The descendants of others were being ended, and are ended now.
 */
export function adoptGuard({ guardian: handed, blocks }: HandedGuard, owned: ReadonlySet<number>): void {
  if (handed !== undefined) guardian.adopt(handed);
  takeBlocks(blocks);
  const left = blocks.filter((block) => !owned.has(block));
  if (left.length > 0) newDescent({ blocks: left, next: 0, left: 0 }).endAll();
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
