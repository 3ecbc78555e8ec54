import type { Clock } from "@holdfast/rpc";
import type { Content } from "./content.ts";
import { errnoOf } from "./fault.ts";
import { STREAM_STALL_MS, TRANSFER_CHUNK_BYTES } from "./limits.ts";
import type { OsCalls } from "./os-calls.ts";

const RETRY_MS = 5;

/** Made here, so that this folder runs with nothing of another package loaded. */
const timers: Pick<Clock, "now" | "after"> = {
  now: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** How long to bear with a reader. */
export interface StreamWriteOptions {
  readonly clock?: Pick<Clock, "now" | "after">;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Write to a device, terminal or FIFO that was opened non-blocking. A reader that takes nothing for 5 seconds ends the
 * write with `EAGAIN`; no thread waits meanwhile.
 */
export async function writeStream(
  calls: OsCalls,
  fd: number,
  content: Content,
  options: StreamWriteOptions = {},
): Promise<void> {
  const { clock = timers, signal } = options;
  let offset = 0;
  let lastProgressMs = clock.now();
  for (;;) {
    signal?.throwIfAborted();
    const chunk = await content.at(offset, TRANSFER_CHUNK_BYTES);
    if (chunk.length === 0) return;
    const taken = await writeSome(calls, fd, chunk, clock.now() - lastProgressMs);
    offset += taken;
    if (taken > 0) lastProgressMs = clock.now();
    else await new Promise<void>((resume) => clock.after(RETRY_MS, resume));
  }
}

async function writeSome(calls: OsCalls, fd: number, chunk: Buffer, stalledMs: number): Promise<number> {
  try {
    return await calls.write(fd, chunk, 0, chunk.length, null);
  } catch (thrown) {
    if (errnoOf(thrown) !== "EAGAIN" || stalledMs >= STREAM_STALL_MS) throw thrown;
    return 0;
  }
}
