import { LinkError, RemoteError } from "@holdfast/rpc";
import { FakeClock } from "@holdfast/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { HOLD_RETRY_MS } from "../../src/limits.ts";
import { OutputHold } from "../../src/session/output-hold.ts";

describe("whether an executor holds the output of a process", () => {
  let clock: FakeClock;
  let told: boolean[];
  let failures: Error[];
  let hold: OutputHold;

  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    failures = [];
    const tell = async (isHeld: boolean) => {
      told.push(isHeld);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    };
    hold = new OutputHold(tell, clock);
  });

  const unanswered = (code: "busy" | "timeout") => new LinkError(code, "no answer", { delivery: "unknown" });

  test("is told once for each change", async () => {
    hold.set(true);
    await clock.advance(0);
    hold.set(true);
    hold.set(false);
    await clock.advance(HOLD_RETRY_MS);
    expect(told).toEqual([true, false]);
  });

  test("is told until it has heard of a release: a process that stays held would say nothing for ever", async () => {
    hold.set(true);
    await clock.advance(0);
    failures = [unanswered("timeout"), unanswered("busy")];
    hold.set(false);
    await clock.advance(2 * HOLD_RETRY_MS);
    expect(told).toEqual([true, false, false, false]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("is told of a release also where it may not have heard of the hold", async () => {
    failures = [unanswered("timeout")];
    hold.set(true);
    await clock.advance(0);
    hold.set(false);
    await clock.advance(HOLD_RETRY_MS);
    expect(told).toEqual([true, false]);
  });

  test("is no matter any more when the process or the session is over", async () => {
    for (const over of [
      new RemoteError("holdfast/holdOutput", { code: -32600, message: "unknown process id job" }),
      new LinkError("closed", "the connection is gone", { delivery: "unknown" }),
    ]) {
      failures = [over];
      hold.set(true);
      await clock.advance(HOLD_RETRY_MS);
      expect(clock.pendingTimers).toBe(0);
      hold.set(false);
      await clock.advance(HOLD_RETRY_MS);
    }
    expect(told).toEqual([true, true]);
  });
});
