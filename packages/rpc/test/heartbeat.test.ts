import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { Heartbeat } from "../src/heartbeat.ts";

function setUp({ pingIntervalMs, pongTimeoutMs } = { pingIntervalMs: 30_000, pongTimeoutMs: 10_000 }) {
  const clock = new FakeClock();
  const line = { bytesRead: 0, pings: 0, deaths: [] as string[], answers: false };
  const target = {
    ping: () => {
      line.pings += 1;
      if (line.answers) line.bytesRead += 2;
    },
    bytesRead: () => line.bytesRead,
    queuedBytes: () => 0,
    writeProgress: () => 0,
    reading: () => true,
    dead: (reason: string) => {
      line.deaths.push(reason);
      heartbeat.stop();
    },
  };
  const heartbeat: Heartbeat = new Heartbeat(target, { clock, pingIntervalMs, pongTimeoutMs });
  heartbeat.start();
  return { clock, line, heartbeat };
}

test("what came while this process stood still is read before the peer is called dead", async () => {
  const { clock, line } = setUp();
  // All timers are due at once; the first turn after them reads.
  await clock.advance(40_000);
  line.bytesRead += 2;
  await clock.advance(50);
  expect(line.deaths).toEqual([]);
  await clock.advance(60_000);
  expect(line.deaths).toEqual(["nothing was heard from the peer for 10000 ms"]);
});

test("a heartbeat that was stopped says nothing, not even between its last two looks", async () => {
  const { clock, line, heartbeat } = setUp();
  await clock.advance(40_000);
  heartbeat.stop();
  await clock.advance(600_000);
  expect(line.deaths).toEqual([]);
});

test.each([0, 1, 2_500, 5_000, 7_500, 9_999])(
  "silence is over after its time, however long after a ping it began: %i ms",
  async (afterPing) => {
    const { clock, line } = setUp({ pingIntervalMs: 10_000, pongTimeoutMs: 15_000 });
    line.answers = true;
    await clock.advance(30_000 + afterPing);
    line.bytesRead += 1;
    line.answers = false;
    await clock.advance(14_900);
    expect(line.deaths).toEqual([]);
    await clock.advance(1_200);
    expect(line.deaths).toEqual(["nothing was heard from the peer for 15000 ms"]);
  },
);

test("a peer that answers every ping is never called dead, nor one before it was pinged", async () => {
  const { clock, line } = setUp({ pingIntervalMs: 10_000, pongTimeoutMs: 3_000 });
  line.answers = true;
  await clock.advance(600_000);
  expect(line.pings).toBe(60);
  expect(line.deaths).toEqual([]);
});

test("a process that stood still for long gives the peer the time to answer", async () => {
  const { clock, line } = setUp({ pingIntervalMs: 10_000, pongTimeoutMs: 15_000 });
  await clock.advance(500);
  await clock.standStill(120_000);
  await clock.advance(4_000);
  expect(line.deaths).toEqual([]);
  line.bytesRead += 2;
  await clock.advance(14_000);
  expect(line.deaths).toEqual([]);
});
