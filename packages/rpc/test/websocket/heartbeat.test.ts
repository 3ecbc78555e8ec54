import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { Heartbeat } from "../../src/websocket/heartbeat.ts";

const setUp = () => {
  const clock = new FakeClock();
  const line = { bytesRead: 0, deaths: [] as string[] };
  const target = {
    ping: () => {},
    bytesRead: () => line.bytesRead,
    queuedBytes: () => 0,
    bytesFlushed: () => 0,
    reading: () => true,
    dead: (reason: string) => {
      line.deaths.push(reason);
      heartbeat.stop();
    },
  };
  const heartbeat: Heartbeat = new Heartbeat(target, { clock, pingIntervalMs: 30_000, pongTimeoutMs: 10_000 });
  heartbeat.start();
  return { clock, line, heartbeat };
};

test("what came while this process stood still is read before the peer is called dead", async () => {
  const { clock, line } = setUp();
  // All timers are due at once; the first turn after them reads.
  await clock.advance(40_000);
  line.bytesRead += 2;
  await clock.advance(50);
  expect(line.deaths).toEqual([]);
  await clock.advance(60_000);
  expect(line.deaths).toEqual(["peer did not answer a ping within 10000 ms"]);
});

test("a heartbeat that was stopped says nothing, not even between its last two looks", async () => {
  const { clock, line, heartbeat } = setUp();
  await clock.advance(40_000);
  heartbeat.stop();
  await clock.advance(600_000);
  expect(line.deaths).toEqual([]);
});
