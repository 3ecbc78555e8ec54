import { setTimeout as sleep } from "node:timers/promises";

/** Options of {@link until}. */
export interface UntilOptions {
  /** Milliseconds to keep asking. Default 10,000. */
  readonly deadlineMs?: number;
  /**
   * Milliseconds between two questions. Default 5. After a question that took long it is up to {@link LONGEST_PAUSE_MS}, so that asking does not
   * hold up what is waited for.
   */
  readonly intervalMs?: number;
  /** What is waited for, or what is the case instead; asked when the deadline has passed. */
  readonly what?: string | (() => string);
}

const LONGEST_PAUSE_MS = 100;
/** Times what a question took: asking takes a quarter of a processor at most. */
const PAUSE_PER_QUESTION = 3;

/**
 * Ask until the answer is truthy, and return it.
 *
 * @throws Error when the deadline has passed; its text holds `what`, the condition's source, the last answer and, as
 * `cause`, what the condition threw last.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
  const { deadlineMs = 10_000, intervalMs = 5 } = options;
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const askedMs = performance.now();
    const last = await ask(condition);
    if (last.truthy) return last.answer as Exclude<T, false | null | undefined | 0 | "">;
    const nowMs = performance.now();
    if (nowMs >= endMs) throw failure(condition, last, deadlineMs, options.what);
    await sleep(Math.max(intervalMs, Math.min(PAUSE_PER_QUESTION * (nowMs - askedMs), LONGEST_PAUSE_MS)));
  }
}

interface Asked {
  readonly truthy: boolean;
  readonly answer: unknown;
  readonly thrown?: { readonly error: unknown };
}

async function ask(condition: () => unknown): Promise<Asked> {
  try {
    const answer = await condition();
    return { truthy: Boolean(answer), answer };
  } catch (error) {
    return { truthy: false, answer: undefined, thrown: { error } };
  }
}

function failure(condition: () => unknown, last: Asked, deadlineMs: number, what: UntilOptions["what"]): Error {
  const name = typeof what === "function" ? what() : (what ?? condition.toString());
  const outcome =
    last.thrown === undefined ? `last answer: ${String(last.answer)}` : `last threw: ${String(last.thrown.error)}`;
  const message = `not within ${deadlineMs} ms: ${name} (${outcome})`;
  return new Error(message, last.thrown === undefined ? undefined : { cause: last.thrown.error });
}
