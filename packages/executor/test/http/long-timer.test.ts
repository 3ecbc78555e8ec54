import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { afterAny } from "../../src/http/long-timer.ts";

const LONGEST = 2_147_483_647;

test.each([0, 1, LONGEST, LONGEST + 1, 3 * LONGEST + 5])("a timer of %i ms fires then, once", async (delayMs) => {
  const clock = new FakeClock();
  const waits: number[] = [];
  let fired = 0;
  const limited = {
    after: (ms: number, fire: () => void) => {
      waits.push(ms);
      return clock.after(ms, fire);
    },
  };
  afterAny(limited, delayMs, () => (fired += 1));
  await clock.advance(Math.max(0, delayMs - 1));
  expect(fired).toBe(delayMs === 0 ? 1 : 0);
  await clock.advance(1);
  await clock.advance(LONGEST);
  expect(fired).toBe(1);
  expect(Math.max(...waits)).toBeLessThanOrEqual(LONGEST);
});

test("a long timer can be cancelled in any part of its time", async () => {
  const clock = new FakeClock();
  let fired = 0;
  const timer = afterAny(clock, 2 * LONGEST, () => (fired += 1));
  await clock.advance(LONGEST + 1);
  timer.cancel();
  await clock.advance(2 * LONGEST);
  expect(fired).toBe(0);
});
