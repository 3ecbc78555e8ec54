import { isLinkError } from "@holdfast/rpc";
import { CATCH_UP_CONCURRENCY, CATCH_UP_READ_TIMEOUT_MS } from "../limits.ts";
import type { ProcessChannel } from "../process/process-channel.ts";
import type { ReadResult } from "../process/read-result.ts";
import type { Line } from "./line.ts";

/**
 * Ask for what every process did while there was no line. Few at a time: executors push output at the same moment, and
 * some stop for good when too much is asked of them at once.
 *
 * @throws LinkError - The line is of no use. A refusal fails only the process it is about.
 */
export async function catchUp(line: Line, channels: readonly ProcessChannel[], signal: AbortSignal): Promise<void> {
  const left = channels.values();
  const worker = async (): Promise<void> => {
    for (const channel of left) await catchUpOne(line, channel, signal);
  };
  await Promise.all(Array.from({ length: CATCH_UP_CONCURRENCY }, worker));
}

async function catchUpOne(line: Line, channel: ProcessChannel, signal: AbortSignal): Promise<void> {
  const { processId, lastSeq: afterSeq } = channel;
  let result: ReadResult;
  try {
    const params = { processId, afterSeq, maxBytes: null, waitMs: 0 };
    result = await line.stub.process.read(params, { signal, timeoutMs: CATCH_UP_READ_TIMEOUT_MS });
  } catch (error) {
    if (isLinkError(error)) throw error;
    channel.notRecovered(error);
    return;
  }
  channel.catchUp(result, afterSeq);
}
