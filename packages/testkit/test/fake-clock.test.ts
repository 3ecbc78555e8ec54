import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";

describe("FakeClock", () => {
  test("stands still until it is advanced", async () => {
    const clock = new FakeClock(100);
    let fired = 0;
    clock.after(10, () => {
      fired += 1;
    });
    await clock.advance(9);
    expect([clock.now(), fired, clock.pendingTimers]).toEqual([109, 0, 1]);
    await clock.advance(1);
    expect([clock.now(), fired, clock.pendingTimers]).toEqual([110, 1, 0]);
    await clock.advance(100);
    expect(fired).toBe(1);
  });

  test("fires by due time, then by order of creation, and shows the due time as now", async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    for (const [name, delayMs] of [
      ["c", 20],
      ["a", 10],
      ["b", 10],
      ["zero", 0],
      ["past", -5],
    ] as const) {
      clock.after(delayMs, () => log.push(`${name}@${clock.now()}`));
    }
    await clock.advance(30);
    expect(log).toEqual(["zero@0", "past@0", "a@10", "b@10", "c@20"]);
    expect(clock.now()).toBe(30);
  });

  test("fires timers that are set on the way, by callbacks and by promise reactions", async () => {
    const clock = new FakeClock();
    const log: number[] = [];
    const tick = async (): Promise<void> => {
      log.push(clock.now());
      for (let hop = 0; hop < 20; hop += 1) await null;
      clock.after(10, () => void tick());
    };
    clock.after(10, () => void tick());
    await clock.advance(35);
    expect(log).toEqual([10, 20, 30]);
  });

  test("never fires a cancelled timer, not even one cancelled by its predecessor", async () => {
    const clock = new FakeClock();
    let fired = false;
    const doomed = clock.after(10, () => {
      fired = true;
    });
    clock.after(5, () => doomed.cancel());
    await clock.advance(20);
    doomed.cancel();
    expect(fired).toBe(false);
  });
});
