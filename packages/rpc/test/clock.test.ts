import { systemClock } from "@holdfast/rpc";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** The most that a timer of this platform takes: one that is set for longer fires at once. */
const LONGEST = 2_147_483_647;

// Node's own timers are what is proved here: the fakes warn and fire at once beyond the limit, as they do.
beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());

test.each([0, 5_000, LONGEST, LONGEST + 1, 30 * 86_400_000, 5 * LONGEST + 3])(
  "a timer of %d ms fires once, when that has passed",
  (delayMs) => {
    let fired = 0;
    systemClock.after(delayMs, () => (fired += 1));
    if (delayMs > 0) vi.advanceTimersByTime(delayMs - 1);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
    vi.advanceTimersByTime(LONGEST);
    expect(fired).toBe(1);
  },
);

test("a long timer can be cancelled at any stage", () => {
  let fired = 0;
  const timer = systemClock.after(3 * LONGEST, () => (fired += 1));
  vi.advanceTimersByTime(2 * LONGEST);
  timer.cancel();
  timer.cancel();
  vi.advanceTimersByTime(4 * LONGEST);
  expect(fired).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("one that is set for Infinity never fires, and nothing waits for it", () => {
  systemClock.after(Number.POSITIVE_INFINITY, () => expect.unreachable()).cancel();
  systemClock.after(Number.POSITIVE_INFINITY, () => expect.unreachable());
  expect(vi.getTimerCount()).toBe(0);
});

test("one whose time is past fires in the next turn", () => {
  let fired = 0;
  systemClock.after(-1, () => (fired += 1));
  expect(fired).toBe(0);
  vi.advanceTimersByTime(1);
  expect(fired).toBe(1);
});

test("what is no number is refused", () => {
  expect(() => systemClock.after(Number.NaN, () => {})).toThrow(RangeError);
});
