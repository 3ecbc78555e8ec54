import { randomUUID } from "node:crypto";
import { until } from "@holdfast/testkit";
import type { ExecArguments, ExecEvent, ExecResult, UnifiedExec } from "../../../src/index.ts";

/** Start a command, and look at it 250 ms after it has begun to print, however long it takes to begin. */
export async function firstLook(
  { exec, events }: { readonly exec: UnifiedExec; readonly events: readonly ExecEvent[] },
  args: ExecArguments,
): Promise<ExecResult> {
  const callId = randomUUID();
  const pause = exec.pauseWaits();
  const call = exec.exec({ yieldTimeMs: 250, ...args }, { callId });
  await until(() => events.some((event) => event.type === "output" && event.callId === callId));
  pause[Symbol.dispose]();
  return await call;
}
