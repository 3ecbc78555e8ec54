import { isLinkError } from "@holdfast/rpc";
import { CATCH_UP_CONCURRENCY, CATCH_UP_READ_TIMEOUT_MS } from "../limits.ts";
import type { ReadResult } from "../process/read-result.ts";
import type { FollowedProcess } from "./followed-process.ts";
import type { Line } from "./line.ts";

/**
 * Ask for what every process did while there was no line. Few at a time: executors push output at the same moment, and
 * some stop for good when too much is asked of them at once.
 *
 * @throws LinkError - The line is of no use. A refusal fails only the process it is about.
 */
export async function catchUp(line: Line, processes: readonly FollowedProcess[], signal: AbortSignal): Promise<void> {
  const left = processes.values();
  const worker = async (): Promise<void> => {
    for (const process of left) await catchUpOne(line, process, signal);
  };
  await Promise.all(Array.from({ length: CATCH_UP_CONCURRENCY }, worker));
}

async function catchUpOne(line: Line, process: FollowedProcess, signal: AbortSignal): Promise<void> {
  const { processId, lastSeq: afterSeq } = process;
  let result: ReadResult;
  try {
    const params = { processId, afterSeq, maxBytes: null, waitMs: 0 };
    result = await line.stub.process.read(params, { signal, timeoutMs: CATCH_UP_READ_TIMEOUT_MS });
  } catch (error) {
    if (isLinkError(error)) throw error;
    process.notRecovered(error);
    return;
  }
  process.catchUp(result, afterSeq);
}
