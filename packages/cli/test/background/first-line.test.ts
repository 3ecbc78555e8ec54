import { PassThrough } from "node:stream";
import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { firstLine } from "../../src/background/first-line.ts";

test("what somebody says first is read whole, wherever it is cut", async () => {
  const socket = new PassThrough();
  const line = firstLine(socket, new FakeClock());
  for (const byte of Buffer.from("take wörds 🙂\n")) socket.write(Buffer.of(byte));
  expect(await line).toBe("take wörds 🙂\n");
  expect(socket.isPaused()).toBe(true);
});

test("who says nothing, or no end of it, is not waited for", async () => {
  const clock = new FakeClock();
  const socket = new PassThrough();
  const line = firstLine(socket, clock);
  socket.write("take");
  await clock.advance(1_000);
  expect(await line).toBe("");
  const flood = new PassThrough({ highWaterMark: 4_194_304 });
  const much = firstLine(flood, clock);
  flood.write("x".repeat(2_097_152));
  expect((await much).length).toBe(2_097_152);
  expect(clock.pendingTimers).toBe(0);
});
