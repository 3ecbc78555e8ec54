import { setTimeout as sleep } from "node:timers/promises";

/** Options of {@link until}. */
export interface UntilOptions {
  /** Milliseconds to keep asking. Default 10,000. */
  readonly deadlineMs?: number;
  /** Milliseconds between two questions. Default 5. */
  readonly intervalMs?: number;
  /** What is waited for, or what is the case instead; asked when the deadline has passed. */
  readonly what?: string | (() => string);
}

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
  let last = await ask(condition);
  while (!last.truthy) {
    if (performance.now() >= endMs) throw failure(condition, last, deadlineMs, options.what);
    await sleep(intervalMs);
    last = await ask(condition);
  }
  return last.answer as Exclude<T, false | null | undefined | 0 | "">;
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
