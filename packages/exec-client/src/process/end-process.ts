import type { Clock } from "@holdfast/rpc";
import { KILL_GRACE_MS } from "../limits.ts";
import { settledWithin } from "../settled-within.ts";
import type { RunningProcess } from "./running-process.ts";
import type { SignalName } from "./signal-names.ts";

/** How a process is ended; see `killSignal` and `killGraceMs` of its options. */
export interface Ending {
  readonly killSignal?: SignalName | undefined;
  readonly killGraceMs?: number | undefined;
}

/** End a process and what it left running, and wait for its close for as long as may be. Never rejects. */
export async function endProcess(
  process: RunningProcess,
  { killSignal = "SIGKILL", killGraceMs = KILL_GRACE_MS }: Ending,
  clock: Clock,
): Promise<void> {
  if (killSignal !== "SIGKILL") {
    // Its answer is not waited for: an executor that is out of reach must not take more time than was given.
    const closed = process.kill(killSignal).then((isSent) => (isSent ? process.closed : undefined));
    await settledWithin(closed, killGraceMs, clock);
  }
  await process[Symbol.asyncDispose]();
}
