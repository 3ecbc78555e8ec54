import { execFileSync } from "node:child_process";
import { systemClock } from "@holdfast/rpc";
import { isAlive } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { canReap } from "../../src/platform/child-reaper.ts";
import { spawnPipe } from "../../src/process/spawn-pipe.ts";
import { createServices } from "../../src/services.ts";

const NOTHING_KEPT = { groups: [], targets: [], places: [], hasNetwork: false };
const NEVER_MS = 60_000;

function confinement() {
  return createServices({ env: {}, cwd: "/", version: "0.0.0", clock: systemClock }).confinement;
}

describe.runIf(process.platform === "linux" && canReap())("what ran beside the sessions of the program before", () => {
  test("is ended, waited for, and in the way of no other replacement meanwhile", async () => {
    const runs = confinement();
    const ended = Promise.withResolvers<number>();
    const events = { output: () => {}, exited: ended.resolve, ended: () => {}, inputBroken: () => {} };
    const request = { argv: ["sleep", "60"], arg0: undefined, cwd: Buffer.from("/"), env: { PATH: "/usr/bin:/bin" } };
    const { pid } = await spawnPipe(request, "null", events);
    const handed = { pid, ...NOTHING_KEPT };
    runs.adoptRest(handed);
    expect({ bound: runs.boundRuns, unsettled: runs.unsettledRuns }).toEqual({ bound: 0, unsettled: 0 });
    expect(runs.handOver(), "goes along once more").toEqual([handed]);
    await runs.settled(NEVER_MS);
    expect(isAlive(pid)).toBe(false);
    expect(runs.handOver()).toEqual([]);
  });

  test("is nobody's any more when its end was heard of there: its id may be another process's", async () => {
    const runs = confinement();
    const pid = Number(execFileSync("sh", ["-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"]));
    runs.adoptRest({ pid, ...NOTHING_KEPT });
    await runs.settled(NEVER_MS);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
  });
});
