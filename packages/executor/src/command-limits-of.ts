import type { CommandLimits } from "@holdfast/sandbox";
import type { ExecutorLimits } from "./limits.ts";

/** What every confined command is limited to; absent when it is to nothing. */
export function commandLimitsOf(limits: ExecutorLimits): CommandLimits | undefined {
  const memoryBytes = finite(limits.maxCommandMemoryBytes);
  const processes = finite(limits.maxCommandProcesses);
  return memoryBytes === undefined && processes === undefined ? undefined : { memoryBytes, processes };
}

function finite(limit: number): number | undefined {
  return limit === Number.POSITIVE_INFINITY ? undefined : limit;
}
