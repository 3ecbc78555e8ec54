import { parseArgs } from "node:util";
import { OURS } from "../app-server/server-release.ts";
import { UsageError } from "../options.ts";

/** Releases whose threads go on with ours. */
export const THREAD_RELEASES = ["0.144.6", "0.169.0", "0.171.0"] as const;

export const THREADS_USAGE = `usage: node conformance/src/main.ts threads [options]

Threads that are begun with one app server, go on with another one, and with the first again: what was said, done and set is there each time, for clients
and for the model. Real releases of Codex and ours (${OURS}) take turns on one home. Ours is also killed in the middle
of a turn: nothing of it stays, and the thread goes on.

  --release X    one release (default: ${THREAD_RELEASES.join(", ")})
`;

export interface ThreadsOptions {
  readonly releases: readonly string[];
}

/** @throws UsageError */
export function parseThreadsOptions(argv: readonly string[]): ThreadsOptions & { readonly help: boolean } {
  const options = { release: { type: "string" }, help: { type: "boolean", default: false } } as const;
  try {
    const { release, help } = parseArgs({ args: [...argv], options }).values;
    return { releases: release === undefined ? THREAD_RELEASES : [release], help };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
