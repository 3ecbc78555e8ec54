import { spawn } from "node:child_process";
import { once } from "node:events";
import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { countDescendants, watchProcessCount } from "../../src/confinement/process-count.ts";
import { isLinux } from "../filesystem/helpers.ts";

async function withFamily(act: (pid: number) => Promise<void>): Promise<void> {
  // Two sleepers below a shell below this one; the inner shell waits, or it would be replaced by its last command.
  const script = "sh -c 'sleep 60 & sleep 60 & echo; wait' & wait";
  const shell = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"], detached: true });
  try {
    await once(shell.stdout, "data");
    await act(shell.pid ?? 0);
  } finally {
    process.kill(-(shell.pid ?? 0), "SIGKILL");
  }
}

test.skipIf(!isLinux)("processes below one are counted, and no further than asked", async () => {
  await withFamily(async (pid) => {
    expect(countDescendants(pid, 100)).toBe(3);
    expect(countDescendants(pid, 1)).toBe(2);
  });
  expect(countDescendants(2 ** 22 + 1, 100)).toBe(0);
});

test.skipIf(!isLinux)("too many are told once, and a watch that has ended tells nothing", async () => {
  await withFamily(async (pid) => {
    const clock = new FakeClock();
    const told: string[] = [];
    watchProcessCount(pid, 2, clock, () => told.push("small"));
    watchProcessCount(pid, 3, clock, () => told.push("large"));
    watchProcessCount(pid, 2, clock, () => told.push("ended"))();
    await clock.advance(2_000);
    expect(told).toEqual(["small"]);
  });
});
