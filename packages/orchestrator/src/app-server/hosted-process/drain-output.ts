import type { Clock } from "@holdfast/rpc";
import type { ArrivedOutput } from "./arrived-output.ts";
import type { ExitMoment } from "./exit-moment.ts";
import { DRAIN_MAX_MS, DRAIN_QUIET_MS, DRAIN_READY_CHUNKS } from "./limits.ts";

/** What output is handed to. */
export interface OutputSink {
  /** @returns whether it takes more. */
  add(chunk: Uint8Array): boolean | Promise<boolean>;
}

/** What {@link drainOutput} goes by. */
export interface DrainOptions {
  readonly clock: Clock;
  readonly exit: ExitMoment;
  /** Milliseconds without output after the exit that end it. Default {@link DRAIN_QUIET_MS}. */
  readonly quietMs?: number | undefined;
  /** Milliseconds after the exit that end it in any case. Default {@link DRAIN_MAX_MS}. */
  readonly maxMs?: number | undefined;
}

/** Why it ended: the stream did; the sink takes no more; somebody else holds the stream open, and writes nothing or without an end. */
export type DrainEnd = "ended" | "full" | "quiet" | "overtime";

/**
 * Hand the output of one stream to a sink, until no more of it is to be expected: while the process runs that is the end of the stream alone. After its exit what
 * it left behind may hold the stream open, so a pause ends it, and at last the time.
 *
 * What has arrived goes before any deadline: deadlines are looked at only when nothing waits.
 */
export async function drainOutput(source: ArrivedOutput, sink: OutputSink, options: DrainOptions): Promise<DrainEnd> {
  const { clock, exit, quietMs = DRAIN_QUIET_MS, maxMs = DRAIN_MAX_MS } = options;
  let quietFromMs: number | undefined;
  for (;;) {
    const chunk = source.take();
    const { atMs } = exit;
    const isOvertime = atMs !== undefined && clock.now() - atMs >= maxMs;
    if (chunk !== undefined) {
      if (!(await sink.add(chunk))) return "full";
      if (isOvertime) return await takeReady(source, sink);
      if (atMs !== undefined) quietFromMs = clock.now();
      continue;
    }
    if (source.hasEnded) return "ended";
    if (isOvertime) return "overtime";
    if (atMs === undefined) {
      await Promise.race([source.whenNews(), exit.passed]);
      continue;
    }
    const leftMs = (quietFromMs ?? atMs) + quietMs - clock.now();
    if (leftMs <= 0) return "quiet";
    await newsWithin(source, Math.min(leftMs, atMs + maxMs - clock.now()), clock);
  }
}

/** The time is over: of what has arrived by now a bounded part. */
async function takeReady(source: ArrivedOutput, sink: OutputSink): Promise<DrainEnd> {
  // One was taken to get here.
  for (let taken = 1; taken < DRAIN_READY_CHUNKS; taken += 1) {
    const chunk = source.take();
    if (chunk === undefined) break;
    if (!(await sink.add(chunk))) return "full";
  }
  return "overtime";
}

async function newsWithin(source: ArrivedOutput, ms: number, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  await Promise.race([source.whenNews(), promise]);
  timer.cancel();
}
