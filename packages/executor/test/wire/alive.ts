import { readFileSync } from "node:fs";
import { until } from "@holdfast/testkit";
import type { Line } from "./line.ts";

/** Start a shell with a child in the background that tells both ids; neither ends by itself. */
export async function startFamily(line: Line, processId: string): Promise<readonly number[]> {
  await line.start(processId, ["sh", "-c", "echo $$; sleep 600 & echo $!; wait"]);
  await line.when(() => line.text(processId).split("\n").length === 3);
  return line.text(processId).trim().split("\n").map(Number);
}

/** Those that run; one that is dead and not yet collected does not. */
export function running(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => {
    try {
      return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false;
    }
  });
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended in the meantime.
  }
}

export async function untilGone(pids: readonly number[]): Promise<void> {
  await until(() => running(pids).length === 0);
}
