import { systemClock } from "@holdfast/rpc";
import type { Context } from "./command-line/context.ts";

/** How long something that is still open may keep the process, milliseconds. */
const LINGER_MS = 50;

/**
 * End this process with this code as soon as nothing keeps it, and at the latest after a moment.
 *
 * `process.exit` waits for the threads of the compilers, while one of them may wait for this thread to collect garbage: one program in some hundreds
 * then stayed for good (nodejs/node#54918). A process that ends by itself takes the heap down first, which such a thread is told of.
 */
export function leave(exitCode: number, context: Pick<Context, "stdin">): void {
  process.exitCode = exitCode;
  // Input that nobody waits for any more must not keep the process alive.
  context.stdin.destroy();
  systemClock.after(LINGER_MS, () => process.exit(exitCode));
}
