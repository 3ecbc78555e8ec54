import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { abandonWhenStuck, flushed } from "../../src/command-line/flushed.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

/** Output whose reader takes what the test says. */
function unread() {
  const state = { taken: 0, isFlushed: false };
  const stream = new Writable({ write() {} }) as unknown as NodeJS.WriteStream;
  stream.write("x");
  abandonWhenStuck(stream, () => state.taken);
  void flushed(stream).then(() => {
    state.isFlushed = true;
  });
  return state;
}

test("output that nobody takes is given up after 5 s", async () => {
  const output = unread();
  await vi.advanceTimersByTimeAsync(4_999);
  expect(output.isFlushed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(output.isFlushed).toBe(true);
});

test("output that is taken slowly is waited for", async () => {
  const output = unread();
  for (let second = 0; second < 60; second += 4) {
    await vi.advanceTimersByTimeAsync(4_000);
    output.taken += 1;
  }
  expect(output.isFlushed).toBe(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(output.isFlushed).toBe(true);
});
