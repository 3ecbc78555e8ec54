import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { UsageError } from "../../src/command-line/failure.ts";
import { IdleEnd, idleTimeoutMs } from "../../src/serve/idle-end.ts";

function watched(timeoutMs: number) {
  const clock = new FakeClock();
  const idle = new IdleEnd(timeoutMs, clock);
  let ended = false;
  void idle.ended.then(() => {
    ended = true;
  });
  return { clock, idle, hasEnded: () => ended };
}

test("the time begins at once, and each session stops it until the last is gone", async () => {
  const { clock, idle, hasEnded } = watched(10_000);
  await clock.advance(9_999);
  idle.count(1);
  await clock.advance(100_000);
  idle.count(2);
  idle.count(1);
  await clock.advance(100_000);
  idle.count(0);
  await clock.advance(9_999);
  expect(hasEnded()).toBe(false);
  await clock.advance(1);
  expect(hasEnded()).toBe(true);
});

test.each([
  [undefined, undefined],
  ["600", 600_000],
  ["0.5", 500],
])("%s seconds", (text, milliseconds) => {
  expect(idleTimeoutMs(text)).toBe(milliseconds);
});

test.each(["0", "-1", "", "x", "1e9", "1h", "9999999"])("%j is refused", (text) => {
  expect(() => idleTimeoutMs(text)).toThrow(UsageError);
});
