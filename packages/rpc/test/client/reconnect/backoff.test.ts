import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { backoffMs, isLineFailure, pause, recover } from "../../../src/client/index.ts";
import { LinkError, RemoteError } from "../../../src/index.ts";

test("a pause that does not grow is always the same", () => {
  expect([1, 2, 50].map((failures) => backoffMs(failures, { firstMs: 100, maxMs: 100 }))).toEqual([100, 100, 100]);
});

test("a pause that grows doubles up to its bound, of which chance takes up to a half", () => {
  const pauses = (random: () => number) =>
    [1, 2, 3, 4, 5, 2_000].map((failures) => backoffMs(failures, { firstMs: 100, maxMs: 1_000, random }));
  expect(pauses(() => 1)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(pauses(() => 0)).toEqual([50, 100, 200, 400, 500, 500]);
});

test("a pause may be lengthened by chance instead, up to a half more", () => {
  const pauses = (random: () => number) =>
    [1, 2, 5, 2_000].map((failures) => backoffMs(failures, { firstMs: 500, maxMs: 5_000, jitter: "adds", random }));
  expect(pauses(() => 0)).toEqual([500, 1_000, 5_000, 5_000]);
  expect(pauses(() => 1)).toEqual([750, 1_500, 7_500, 7_500]);
});

test("attempts that fail come at growing distances, until one works", async () => {
  const clock = new FakeClock();
  const attemptsAtMs: number[] = [];
  const attempt = async () => {
    attemptsAtMs.push(clock.now());
    if (attemptsAtMs.length < 5) throw new LinkError("closed", "nobody is there", { delivery: "not-sent" });
    return "there";
  };
  const settings = { clock, deadlineMs: 60_000, retryIntervalMs: 100, maxRetryIntervalMs: 400, delayMs: 0 };
  const found = recover(attempt, { ...settings, stop: new AbortController().signal });
  for (let stepMs = 0; stepMs < 2_000; stepMs += 1) await clock.advance(1);
  expect(await found).toBe("there");
  const [start = 0, ...rest] = attemptsAtMs;
  const distances = rest.map((at, index) => at - (attemptsAtMs[index] ?? start));
  [100, 200, 400, 400].forEach((fullMs, index) => {
    expect(distances[index]).toBeGreaterThanOrEqual(fullMs / 2);
    expect(distances[index]).toBeLessThanOrEqual(fullMs + 1);
  });
});

test("a line that is not there may be next time, a refusal stays one", () => {
  expect(isLineFailure(new LinkError("closed", "gone", { delivery: "not-sent" }))).toBe(true);
  expect(isLineFailure(new LinkError("timeout", "silent", { delivery: "unknown" }))).toBe(true);
  expect(isLineFailure(new LinkError("malformed", "nonsense", { delivery: "unknown" }))).toBe(false);
  expect(isLineFailure(new RemoteError("initialize", { code: -32600, message: "no" }))).toBe(false);
});

test("a pause ends with its signal, and leaves no listener behind", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const paused = pause(1_000, clock, stop.signal);
  stop.abort();
  await paused;
  await pause(1_000, clock, stop.signal);
  expect(clock.now()).toBe(new FakeClock().now());
});
