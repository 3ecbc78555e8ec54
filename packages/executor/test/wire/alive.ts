import { existsSync, readFileSync } from "node:fs";
import { until } from "@holdfast/testkit";
import type { Line } from "./line.ts";

/** Start a shell with a child in the background that tells both ids; neither ends by itself. */
export async function startFamily(line: Line, processId: string): Promise<readonly number[]> {
  await line.start(processId, ["sh", "-c", "echo $$; sleep 600 & echo $!; wait"]);
  await line.when(() => line.text(processId).split("\n").length === 3);
  return line.text(processId).trim().split("\n").map(Number);
}

/** Those that run; one that is dead and not yet collected does not. */
export const running = (pids: readonly number[]): readonly number[] =>
  pids.filter((pid) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));

export async function untilGone(pids: readonly number[]): Promise<void> {
  await until(() => running(pids).length === 0);
}
