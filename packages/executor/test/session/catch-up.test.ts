import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { ManagedProcess } from "../../src/process/index.ts";
import { CatchUp, SETTLE_MS, UNREAD_LIMIT_MS } from "../../src/session/catch-up.ts";

const [P, Q, OTHER] = ["p", "q", "other"].map((id) => ({ id }) as ManagedProcess) as [
  ManagedProcess,
  ManagedProcess,
  ManagedProcess,
];

function setUp(processes: readonly ManagedProcess[] = [P, Q]) {
  const clock = new FakeClock();
  const drained = Promise.withResolvers<void>();
  const line = { writable: true, whenWritable: () => drained.promise };
  const released: string[] = [];
  const catchUp = new CatchUp({ delay: clock, line, release: ({ id }) => void released.push(id) }, processes);
  return { clock, line, drained, released, catchUp };
}

describe("catching up", () => {
  test("releases a process some time after it was read, and no other", async () => {
    const { clock, released, catchUp } = setUp();
    catchUp.read(P, 0, true);
    await clock.advance(SETTLE_MS - 1);
    expect(released).toEqual([]);
    await clock.advance(1);
    expect(released).toEqual(["p"]);
  });

  test("releases all when nothing is read at all", async () => {
    const { clock, released } = setUp();
    await clock.advance(UNREAD_LIMIT_MS - 1);
    expect(released).toEqual([]);
    await clock.advance(1);
    expect(released).toEqual(["p", "q"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("waits for the others while one after the other is read", async () => {
    const { clock, released, catchUp } = setUp();
    await clock.advance(UNREAD_LIMIT_MS - 1);
    catchUp.read(OTHER, 0, true);
    await clock.advance(UNREAD_LIMIT_MS - 1);
    catchUp.read(P, 0, true);
    await clock.advance(UNREAD_LIMIT_MS - 1);
    expect(released).toEqual(["p"]);
    await clock.advance(1);
    expect(released).toEqual(["p", "q"]);
  });

  test("goes on while a process is read piece by piece", async () => {
    const { clock, released, catchUp } = setUp([P]);
    for (let piece = 0; piece < 5; piece += 1) {
      catchUp.read(P, piece, false);
      await clock.advance(UNREAD_LIMIT_MS - 1);
    }
    expect(released).toEqual([]);
    catchUp.read(P, 5, true);
    catchUp.read(P, 5, true);
    await clock.advance(SETTLE_MS);
    expect(released).toEqual(["p"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([
    ["the same piece of it", P, 0],
    ["another process, further and further,", OTHER, 1],
  ])("does not wait for a client that polls %s", async (_, process, step) => {
    const { clock, released, catchUp } = setUp([P]);
    for (let polls = 0; polls <= 10; polls += 1) {
      catchUp.read(process, polls * step, false);
      await clock.advance(UNREAD_LIMIT_MS / 10);
    }
    expect(released).toEqual(["p"]);
  });

  test("does not take a client for one that does not read while an answer is on its way", async () => {
    const { clock, line, drained, released } = setUp();
    line.writable = false;
    await clock.advance(10 * UNREAD_LIMIT_MS);
    expect(released).toEqual([]);
    line.writable = true;
    drained.resolve();
    await clock.advance(UNREAD_LIMIT_MS);
    expect(released).toEqual(["p", "q"]);
  });

  test("releases nothing after its end, and leaves no timer", async () => {
    const { clock, line, drained, released, catchUp } = setUp();
    line.writable = false;
    catchUp.read(P, 0, true);
    await clock.advance(SETTLE_MS - 1);
    catchUp.end();
    drained.resolve();
    await clock.advance(10 * UNREAD_LIMIT_MS);
    expect([released, clock.pendingTimers]).toEqual([[], 0]);
  });

  test("ends at once when there is nothing to catch up with", () => {
    const { clock, catchUp } = setUp([]);
    catchUp.read(P, 0, true);
    expect(clock.pendingTimers).toBe(0);
  });
});
